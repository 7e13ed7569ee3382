"""POST /hooks/mail/<provider>/<key>: what mail providers report, stored before it is answered."""

from flask import Blueprint

bp = Blueprint("mail_hooks", __name__)
