"""The floor: the least that a Flask application must do to show a question and to keep an answer."""
