"""Words that turn, end or soften what is said around them."""

NEGATORS = frozenset(
    [
        *("not", "no", "never", "nothing", "none", "nobody", "nowhere", "neither", "nor", "without"),
        *("hardly", "barely", "scarcely", "rarely", "cannot", "lack", "lacks", "lacking"),
        *("dont", "didnt", "doesnt", "isnt", "wasnt", "wont", "cant", "couldnt", "wouldnt", "shouldnt"),
        *("arent", "werent", "havent", "hasnt", "hadnt", "aint"),
    ]
)
CONTRASTS = frozenset(["but", "however", "although", "though", "yet", "except", "unfortunately", "while"])
# They do not use up what a negation covers.
UNCOVERED = frozenset(
    ["a", "an", "the", "very", "really", "so", "that", "all", "at", "been", "be", "have", "to"]
)
REQUESTS = frozenset(["please", "could", "would", "wish", "hope", "add", "suggest", "should", "can"])
