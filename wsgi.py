"""What a WSGI server loads: `gunicorn wsgi:app`."""

import sys

from feedback_app.app import create_app
from feedback_app.cli.context import address_key_trouble
from feedback_app.logs import set_up_logging

set_up_logging()
app = create_app(migrates=False)
if trouble := address_key_trouble(app):
    sys.exit(f"Error: {trouble}")
