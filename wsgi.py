"""What a WSGI server loads: `gunicorn wsgi:app`."""

from feedback_app.app import create_app
from feedback_app.logs import set_up_logging

set_up_logging()
app = create_app(migrates=False)
