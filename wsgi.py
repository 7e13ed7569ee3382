"""What a WSGI server loads: `gunicorn wsgi:app`."""

from feedback_app.app import create_app

app = create_app()
