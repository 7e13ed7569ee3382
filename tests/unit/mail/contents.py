"""Survey mails to look at and to compare, one for each style."""

from dataclasses import replace

from feedback_app.mail.survey import Choice, PersonValues, SurveyMail

NPS = SurveyMail(
    language="en",
    direction="ltr",
    brand="Northlight",
    accent="#3b5bdb",
    subject="{first_name}, how likely are you to recommend Northlight?",
    preheader="One tap is enough, and it helps us a lot.",
    greeting="Hi {first_name|there},",
    intro="You have been using Northlight for a while now. We would like to know how it is going.",
    question="How likely are you to recommend Northlight to a friend or colleague?",
    choices=tuple(
        Choice(value, str(value), "bad" if value < 7 else "middle" if value < 9 else "good")
        for value in range(11)
    ),
    style="numbers",
    low_label="Not at all likely",
    high_label="Extremely likely",
    footer=(
        "You get this because you are a customer of Northlight.",
        "Northlight Ltd, 12 Harbour Street, Dublin",
    ),
)

CES = replace(
    NPS,
    subject="How easy was it to get help with {topic}?",
    intro="{agent} has just closed your case.\n\nHow did it go?",
    question="Northlight made it easy for me to handle my issue.",
    choices=tuple(
        Choice(value, str(value), "bad" if value < 4 else "middle" if value == 4 else "good")
        for value in range(1, 8)
    ),
    low_label="Strongly disagree",
    high_label="Strongly agree",
    reference_marks=("Case: {topic}",),
)

CSAT = replace(
    NPS,
    subject="How was our help?",
    intro="",
    question="How satisfied are you with the help you received?",
    choices=(
        Choice(1, "Very dissatisfied", "bad"),
        Choice(2, "Dissatisfied", "bad"),
        Choice(3, "Neither satisfied nor dissatisfied", "middle"),
        Choice(4, "Satisfied", "good"),
        Choice(5, "Very satisfied", "good"),
    ),
    low_label="Very dissatisfied",
    high_label="Very satisfied",
)

STARS = replace(
    CSAT,
    accent="#f0b400",
    question="How would you rate Northlight?",
    style="stars",
    low_label="Poor",
    high_label="Excellent",
)
SMILEYS = replace(CSAT, accent="#0b7285", style="smileys")
THUMBS = replace(
    CSAT,
    accent="#2b8a3e",
    question="Did this solve your problem?",
    choices=(Choice(0, "No", "bad"), Choice(1, "Yes", "good")),
    style="thumbs",
    low_label="No",
    high_label="Yes",
)
WORDS = replace(CSAT, style="words")

GERMAN = replace(
    NPS,
    language="de",
    subject="{first_name}, würden Sie Northlight weiterempfehlen?",
    preheader="Ein Klick genügt.",
    greeting="Guten Tag {name},",
    intro="Sie nutzen Northlight nun seit einiger Zeit. Wir wüssten gern, wie es läuft.",
    question="Wie wahrscheinlich ist es, dass Sie Northlight einem Freund oder einer Kollegin weiterempfehlen?",
    low_label="Überhaupt nicht wahrscheinlich",
    high_label="Äußerst wahrscheinlich",
    footer=(
        "Sie erhalten diese E-Mail, weil Sie Kunde von Northlight sind.",
        "Northlight GmbH, Hafenstraße 12, Köln",
    ),
    unsubscribe_label="Abmelden",
    browser_label="Oder öffnen Sie die Umfrage im Browser",
    choose_label="Öffnen Sie den Link zu Ihrer Antwort:",
)

ARABIC = replace(
    NPS,
    language="ar",
    direction="rtl",
    brand="نورث لايت",
    subject="{first_name}، ما مدى احتمال أن توصي بنورث لايت؟",
    preheader="نقرة واحدة تكفي.",
    greeting="مرحباً {first_name}،",
    intro="أنت تستخدم نورث لايت منذ فترة، ونود أن نعرف رأيك.",
    question="ما مدى احتمال أن توصي بنورث لايت لصديق أو زميل؟",
    low_label="غير محتمل إطلاقاً",
    high_label="محتمل جداً",
    footer=("تصلك هذه الرسالة لأنك من عملاء نورث لايت.",),
    unsubscribe_label="إلغاء الاشتراك",
    browser_label="أو افتح الاستبيان في المتصفح",
    choose_label="اختر إجابتك بفتح رابطها:",
)

ALL = {
    "nps-en": NPS,
    "ces-en": CES,
    "csat-en": CSAT,
    "stars-en": STARS,
    "smileys-en": SMILEYS,
    "thumbs-en": THUMBS,
    "words-en": WORDS,
    "nps-de": GERMAN,
    "nps-ar": ARABIC,
}

DANA = PersonValues(
    name="Dana Whitfield",
    answer_url="https://surveys.example.org/a/1f.kS3vQ1n8xZr7YwPq0bTe4A",
    unsubscribe_url="https://surveys.example.org/u/1f.aB9vQ1n8xZr7YwPq0bTe4B",
    trap_url="https://surveys.example.org/a/1f.kS3vQ1n8xZr7YwPq0bTe4A/more",
    extras={"agent": "Maya", "topic": "Export to <Excel> & back", "company": "Acme"},
)
