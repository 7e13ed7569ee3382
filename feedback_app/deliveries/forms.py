"""What staff enter about a hook."""

from wtforms import Form, StringField, TextAreaField
from wtforms.validators import Length, Optional

from feedback_app.deliveries.hooks import HookKind


class HookForm(Form):
    """A new hook, or a new proof for one; `given` has the provider's own label."""

    name = StringField("Name", [Optional(), Length(max=120)])
    given = TextAreaField("", [Optional(), Length(max=4000)])

    @classmethod
    def about(cls, kind: HookKind, data: object = None) -> "HookForm":
        form = cls(data)
        form.given.label.text = kind.asks_for
        return form
