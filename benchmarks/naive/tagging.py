"""`python -m benchmarks.naive.tagging`: TextBlob on JSON lines, with nothing around it."""

import json
import sys

from textblob import TextBlob


def main() -> None:
    for line in sys.stdin:
        polarity, subjectivity = TextBlob(json.loads(line)["text"]).sentiment
        sys.stdout.write(json.dumps({"polarity": polarity, "subjectivity": subjectivity}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
