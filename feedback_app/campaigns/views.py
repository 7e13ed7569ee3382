"""/campaigns: surveys to many people, once or again and again."""

from flask import Blueprint

bp = Blueprint("campaigns", __name__)
