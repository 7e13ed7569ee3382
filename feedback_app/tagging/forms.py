"""What is entered on /settings/tagging."""

from wtforms import BooleanField, Form
from wtforms.validators import InputRequired


class ForgetForm(Form):
    """That somebody means it: what is forgotten is gone."""

    sure = BooleanField(
        "Yes, delete them for good",
        [InputRequired("Tick the box if you mean it; nothing was deleted.")],
    )
