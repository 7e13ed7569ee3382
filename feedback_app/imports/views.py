"""/people/import: a file of people, its columns matched, its progress, and the rows that did not fit."""

from flask import Blueprint

bp = Blueprint("imports", __name__)
