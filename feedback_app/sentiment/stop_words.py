"""Words that say nothing at the end of a phrase, as `fold` leaves them: English, German, French and Spanish ones."""

from feedback_app.sentiment.patterns import WORD, fold

# Those that may begin a phrase all the same: "won't let", "still waiting", "too expensive".
OPENERS = frozenset(
    WORD.findall(
        "still too every please without not no never dont doesnt didnt wont cant cannot couldnt "
        "wouldnt isnt wasnt arent werent hasnt havent hadnt"
    )
)
STOP_WORDS = OPENERS | frozenset(
    fold(word)
    for word in WORD.findall(
        """
    a about above after again all also although always am an and another any anyone anything are as at away b be
    because been before being below between both but by c came can come could d did do does doing done down during e
    each either else enough especially etc even ever every everyone everything f few for from further g get gets
    getting go goes going gone got h had has have having he her here hers herself him himself his how however i if im
    in into is it its itself ive j just k l let like little lot lots m made make makes many may maybe me might mine
    more most much must my myself n neither nor now o of off oh ok on once one ones only onto or other others our ours
    ourselves out over own p per perhaps please put q quite r rather really s said same say says see seem seems shall
    she should since so some someone something sometimes still such t take than that thats the their theirs them
    themselves then there these they theyre thing things this those though through till to too two u under until up
    upon us use used using v very via w want was way we well went were what when where whether which while who whom
    whose why will with within without would x y yes yet you your yours yourself z
    aber als am an auch auf aus bei bin bis da das dass dem den der des die doch du ein eine einem einen einer er es
    für habe haben hat ich im in ist ja kann man mein meine mich mir mit nach nicht noch nun nur ob oder sehr sich sie
    sind so über um und uns von vor war was wenn wer wie wir wird zu zum zur
    au aux avec ce ces cette dans de des du elle en est et il ils je la le les leur lui ma mais me mes mon ne nos nous
    on ou par pas plus pour qu que qui sa se ses son sont sur ta te tu un une vos votre vous
    con del el ella ellos era es eso esta este esto fue ha han hay la las lo los más me mi muy no o para pero por porque
    que se si sin su sus también te tiene un una uno y ya yo
        """
    )
)
