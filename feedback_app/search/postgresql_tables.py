"""The index of a PostgreSQL database: tables of tsvectors, and triggers that keep them true whoever writes.

A document has the text's words with weight A, and behind them those stems that are none of its words. The stems are
PostgreSQL's own, by Snowball dictionaries without stop words, so that "not" is found and phrases hold together.
"""

# ruff: noqa: S608 - these statements are put together of names and expressions in this package alone

from collections.abc import Collection, Iterator

from feedback_app.search.kinds import INDEXED, LANGUAGE, LANGUAGES_SEEN, Indexed, Kind
from feedback_app.search.words import LANGUAGES, MOST_READ

PENDING_KILOBYTES = 128  # of what was written last, which is searched row by row
TOKENS = "asciiword, word, numword"  # all that a text has once its signs are blanks
SIGNS = """!"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"""
# Beyond ASCII: punctuation, currencies, arrows, symbols, emoji. What is left counts as letters.
OTHER_SIGNS = (
    "\\u0080-\\u00a9\\u00ab-\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7\\u02c2-\\u02df\\u055a-\\u055f"
    "\\u0589\\u05be\\u05f3\\u05f4\\u060c\\u061b\\u061f\\u066a-\\u066d\\u06d4\\u0964\\u0965\\u0e2f\\u0e5a\\u0e5b"
    "\\u2000-\\u206f\\u20a0-\\u20cf\\u2190-\\u245f\\u2500-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\u30fb"
    "\\ufe00-\\ufe6f\\uff00-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\U0001f000-\\U0001faff"
    "\\U000e0000-\\U000e01ff"
)


def create_tables(known: Collection[str]) -> Iterator[str]:
    """The tables with their functions. `known`: the languages of which this server has the rules."""
    yield f"CREATE TABLE {LANGUAGES_SEEN} (language VARCHAR(20) NOT NULL PRIMARY KEY)"
    for name in _ours(known):
        yield f"CREATE TEXT SEARCH DICTIONARY feedback_{name} (TEMPLATE = snowball, LANGUAGE = {name})"
        yield f"CREATE TEXT SEARCH CONFIGURATION feedback_{name} (COPY = simple)"
        yield (
            f"ALTER TEXT SEARCH CONFIGURATION feedback_{name} ALTER MAPPING FOR {TOKENS} WITH feedback_{name}"
        )
    yield from _functions(known)
    yield _newest()
    for it in INDEXED.values():
        yield (
            f"CREATE TABLE {it.index} (row_id INTEGER PRIMARY KEY REFERENCES {it.table} (id) ON DELETE CASCADE, "
            "created_at TIMESTAMP WITH TIME ZONE NOT NULL, document TSVECTOR NOT NULL)"
        )
        yield f"CREATE INDEX ix_{it.index}_newest ON {it.index} (created_at, row_id)"
        yield _keep(it)
    yield _follow_language(INDEXED[Kind.NOTE])


def drop_tables(known: Collection[str]) -> Iterator[str]:
    for it in INDEXED.values():
        yield f"DROP FUNCTION {it.index}_keep() CASCADE"
        yield f"DROP TABLE {it.index}"
    yield "DROP FUNCTION note_search_follow() CASCADE"
    yield f"DROP TABLE {LANGUAGES_SEEN}"
    for signature in (
        "newest(text, tsquery, integer, integer, integer, integer, boolean)",
        "match(text)",
        "match_exactly(text, boolean)",
        "document(text, text)",
        "words(text)",
        "lowered(text)",
        "language(text, text)",
    ):
        yield f"DROP FUNCTION feedback_{signature}"
    for name in _ours(known):
        yield f"DROP TEXT SEARCH CONFIGURATION feedback_{name}"
        yield f"DROP TEXT SEARCH DICTIONARY feedback_{name}"


def fill(it: Indexed) -> Iterator[str]:
    """Index every row. GIN is built at the end, which is faster; what it puts off, every search has to read."""
    indexed = it.is_indexed(it.table)
    spoken = it.language.format(row=it.table)
    yield f"DROP INDEX IF EXISTS ix_{it.index}_document"
    yield f"DELETE FROM {it.index}"
    yield (
        f"INSERT INTO {it.index} (row_id, created_at, document) SELECT {it.table}.id, {it.table}.created_at, "
        f"feedback_document({it.text.format(row=it.table)}, {spoken}) FROM {it.table} WHERE {indexed}"
    )
    yield (
        f"CREATE INDEX ix_{it.index}_document ON {it.index} USING gin (document) "
        f"WITH (gin_pending_list_limit = {PENDING_KILOBYTES})"
    )
    yield (
        f"INSERT INTO {LANGUAGES_SEEN} SELECT DISTINCT {spoken} AS language FROM {it.table} WHERE {indexed} "
        f"AND {spoken} <> '' ON CONFLICT DO NOTHING"
    )
    yield f"ANALYZE {it.index}"


def triggers() -> dict[str, str]:
    """The statements that make the triggers, by name."""
    made: dict[str, str] = {}
    for it in INDEXED.values():
        keep = f"FOR EACH ROW WHEN ({{}}) EXECUTE FUNCTION {it.index}_keep()"
        made[f"{it.index}_insert"] = f"AFTER INSERT ON {it.table} {keep.format(it.is_indexed('NEW'))}"
        made[f"{it.index}_update"] = (
            f"AFTER UPDATE OF {', '.join(it.watched)} ON {it.table} {keep.format(_differs(it))}"
        )
    made["note_search_language"] = (
        f"AFTER UPDATE OF comment_language, locale ON response FOR EACH ROW WHEN ({_language_changes()}) "
        "EXECUTE FUNCTION note_search_follow()"
    )
    return {name: f"CREATE TRIGGER {name} {body}" for name, body in made.items()}


def _ours(known: Collection[str]) -> list[str]:
    return sorted(set(LANGUAGES.values()) & set(known))


def _differs(it: Indexed) -> str:
    """Whether the index is to hold something else of the row than before."""
    if it.kind is Kind.COMMENT:  # mostly tagging writes what the page's locale said already
        differs = (
            f"{it.is_ready.format(row='OLD')} <> {it.is_ready.format(row='NEW')} OR OLD.comment <> NEW.comment "
            f"OR OLD.created_at <> NEW.created_at OR {_language_changes()}"
        )
    else:
        differs = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in it.watched)
    return f"({it.is_indexed('OLD')} OR {it.is_indexed('NEW')}) AND ({differs})"


def _language_changes() -> str:
    return f"{LANGUAGE.format(row='OLD')} <> {LANGUAGE.format(row='NEW')}"


def _functions(known: Collection[str]) -> Iterator[str]:
    signs = SIGNS.replace("'", "''")
    ascii_only = "octet_length($1) = char_length($1)"
    yield f"""CREATE FUNCTION feedback_lowered(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
        SELECT CASE WHEN {ascii_only} THEN translate(lower($1), '{signs}', repeat(' ', {len(SIGNS)}))
        ELSE regexp_replace(
            translate(lower(normalize($1, NFKC)), '{signs}', repeat(' ', {len(SIGNS)})), '[{OTHER_SIGNS}]', ' ', 'g'
        ) END $f$"""
    yield f"""CREATE FUNCTION feedback_words(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
        SELECT CASE WHEN {ascii_only} THEN feedback_lowered($1)
        ELSE translate(replace(replace(replace(regexp_replace(
            normalize(feedback_lowered($1), NFD), '[\\u0300-\\u036f]', '', 'g'
        ), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'øđłı', 'odli') END $f$"""
    cases = " ".join(f"WHEN '{tag}' THEN '{name}'" for tag, name in LANGUAGES.items() if name in known)
    yield f"""CREATE FUNCTION feedback_language(text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
        SELECT coalesce(
            CASE lower(split_part(replace($1, '_', '-'), '-', 1)) {cases} END,
            CASE lower(split_part(replace($2, '_', '-'), '-', 1)) {cases} END, ''
        ) $f$"""
    # What is read is cut short: PostgreSQL would refuse the answer itself for a document above a megabyte.
    yield f"""CREATE FUNCTION feedback_document(given text, language text) RETURNS tsvector
        LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
        DECLARE
            words tsvector := setweight(to_tsvector('simple', feedback_words(left(given, {MOST_READ}))), 'A');
            stems tsvector;
        BEGIN
            IF language = '' THEN RETURN words; END IF;
            stems := to_tsvector(('feedback_' || language)::regconfig, feedback_lowered(left(given, {MOST_READ})));
            RETURN words || ts_delete(stems, tsvector_to_array(words));
        END $f$"""
    yield """CREATE FUNCTION feedback_match_exactly(given text, is_beginning boolean) RETURNS tsquery
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
        SELECT coalesce(
            string_agg(quote_literal(word) || ':A', ' <-> ' ORDER BY at)
            || CASE WHEN is_beginning THEN '*' ELSE '' END, ''
        )::tsquery
        FROM regexp_split_to_table(feedback_words(given), ' +') WITH ORDINALITY AS found (word, at) WHERE word <> ''
        $f$"""
    yield f"""CREATE FUNCTION feedback_match(word text) RETURNS tsquery LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
        DECLARE
            found tsquery := plainto_tsquery('simple', feedback_words(word));
            spoken text;
        BEGIN
            FOR spoken IN SELECT language FROM {LANGUAGES_SEEN} ORDER BY language LOOP
                found := found || plainto_tsquery(('feedback_' || spoken)::regconfig, feedback_lowered(word));
            END LOOP;
            RETURN found;
        END $f$"""


def _newest() -> str:
    """One call instead of several statements, in which `sought` is known when they are planned.

    It goes through the newest rows, and the oftener it finds something the longer. `common`: one row in so many must
    have the words. Of a phrase GIN knows the words alone, and every row with all of them has to be read: as many as the
    planner expects, at twice what looking through a row costs. The planner is kept from other ways, and from
    compiling what ends after fifty rows.
    """
    return """CREATE FUNCTION feedback_newest(
            index_name text, sought tsquery, after integer, wanted integer,
            probed integer, common integer, has_phrase boolean
        ) RETURNS SETOF integer LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_sort = off AS $f$
        DECLARE
            found record;
            before timestamptz := 'infinity';
            before_id integer := 0;
            seen integer := 0;
            missing integer := wanted;
            further float := common * wanted;
            plan json;
            is_slow boolean := false;
        BEGIN
            IF after IS NOT NULL THEN
                EXECUTE format('SELECT created_at, row_id FROM %I WHERE row_id = %s', index_name, after)
                INTO before, before_id;
            END IF;
            FOR found IN EXECUTE format(
                'SELECT row_id, created_at, document @@ %L AS is_hit FROM %I WHERE (created_at, row_id) < (%L, %L) '
                'ORDER BY created_at DESC, row_id DESC', sought, index_name, before, before_id
            ) LOOP
                seen := seen + 1;
                IF found.is_hit THEN
                    RETURN NEXT found.row_id;
                    missing := missing - 1;
                END IF;
                EXIT WHEN missing = 0;
                CONTINUE WHEN seen < probed;
                IF has_phrase THEN
                    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM %I WHERE document @@ %L', index_name, sought)
                    INTO plan;
                    further := 2 * (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float;
                    has_phrase := false;
                END IF;
                before := found.created_at;
                before_id := found.row_id;
                is_slow := missing::float * seen / greatest(wanted - missing, 0.5) > further;
                EXIT WHEN is_slow;
                probed := 4 * probed;
            END LOOP;
            IF is_slow THEN
                RETURN QUERY EXECUTE format(
                    'WITH hits AS MATERIALIZED (SELECT row_id, created_at FROM %I '
                    'WHERE document @@ %L::tsquery AND (created_at, row_id) < (%L, %L)) '
                    'SELECT row_id FROM hits ORDER BY created_at DESC, row_id DESC LIMIT %s',
                    index_name, sought, before, before_id, missing
                );
            END IF;
        END $f$"""


def _keep(it: Indexed) -> str:
    text, language = it.text.format(row="NEW"), it.language.format(row="NEW")
    return f"""CREATE FUNCTION {it.index}_keep() RETURNS trigger LANGUAGE plpgsql AS $f$
        DECLARE
            spoken text := {language};
        BEGIN
            IF NOT {it.is_indexed("NEW")} THEN
                DELETE FROM {it.index} WHERE row_id = NEW.id;
                RETURN NULL;
            END IF;
            INSERT INTO {it.index} (row_id, created_at, document)
            VALUES (NEW.id, NEW.created_at, feedback_document({text}, spoken))
            ON CONFLICT (row_id) DO UPDATE SET created_at = EXCLUDED.created_at, document = EXCLUDED.document;
            IF spoken <> '' AND NOT EXISTS (SELECT 1 FROM {LANGUAGES_SEEN} WHERE language = spoken) THEN
                INSERT INTO {LANGUAGES_SEEN} VALUES (spoken) ON CONFLICT DO NOTHING;
            END IF;
            RETURN NULL;
        END $f$"""


def _follow_language(notes: Indexed) -> str:
    """The notes on a comment are read in its language, so they change with it."""
    text = notes.text.format(row="note")
    return f"""CREATE FUNCTION note_search_follow() RETURNS trigger LANGUAGE plpgsql AS $f$
        BEGIN
            UPDATE {notes.index} SET document = feedback_document({text}, {LANGUAGE.format(row="NEW")})
            FROM note WHERE note.id = {notes.index}.row_id AND note.response_id = NEW.id;
            RETURN NULL;
        END $f$"""
