"""`python -m feedback_app.cli` is the `feedback` command."""

from feedback_app.cli import main

main()
