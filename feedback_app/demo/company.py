"""Northlight, the sample company: it sells shift planning to firms whose people work in the field. All invented."""

import unicodedata
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Staff:
    email: str
    name: str
    role: str


@dataclass(frozen=True)
class Customer:
    """A customer company. `mood` shifts its ratings: -1 unhappy, 0 as everybody, +1 happy."""

    name: str
    external_id: str
    owner: str
    monthly_revenue: Decimal
    currency: str
    renews_in_days: int
    locale: str
    domain: str
    mood: float
    people: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.locale[:2]

    @property
    def time_zone(self) -> str:
        return TIME_ZONES[self.locale]

    @property
    def plan(self) -> str:
        return "Enterprise" if self.monthly_revenue > 3000 else "Team"

    def address_of(self, name: str) -> str:
        """The person's address: first and last name in plain letters."""
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        return f"{plain.lower().replace(' ', '.')}@{self.domain}"


TIME_ZONES = {
    "en": "Europe/Dublin",
    "en-GB": "Europe/London",
    "en-US": "America/Chicago",
    "de": "Europe/Zurich",
    "es": "Europe/Madrid",
    "fr": "Europe/Paris",
}
JOBS = ("Operations manager", "Shift planner", "Site lead", "HR", "Payroll", "Office manager")
BOARD = "Advisory board"  # a list: the first person of each happier customer
BRAND = "Northlight"
ADMIN = Staff("lena.voss@northlight.example", "Lena Voss", "admin")
CSMS = (
    Staff("marta.lindqvist@northlight.example", "Marta Lindqvist", "admin"),
    Staff("tomas.okafor@northlight.example", "Tomás Okafor", "csm"),
    Staff("ji-woo.han@northlight.example", "Ji-woo Han", "csm"),
)
LEAD = Staff("bea.castellanos@northlight.example", "Bea Castellanos", "lead")
MARTA, TOMAS, JIWOO = (csm.email for csm in CSMS)

AGENTS = (
    ("Priya Raman", "priya.raman@northlight.example"),
    ("Owen Gallagher", "owen.gallagher@northlight.example"),
    ("Sofía Arce", "sofia.arce@northlight.example"),
    ("Jonas Wirth", "jonas.wirth@northlight.example"),
)

CUSTOMERS = (
    Customer(
        "Harrow Finch GmbH",
        "cus_20931",
        MARTA,
        Decimal("2480.00"),
        "EUR",
        41,
        "en-GB",
        "harrowfinch.example",
        -0.6,
        (
            "Dana Whitfield",
            "Felix Brandt",
            "Ruth Adeyemi",
            "Stefan Kühn",
            "Carla Menotti",
            "Imogen Price",
            "Noah Petersen",
        ),
    ),
    Customer(
        "Bluestem Home Care",
        "cus_18822",
        MARTA,
        Decimal("4150.00"),
        "EUR",
        118,
        "en",
        "bluestem.example",
        0.5,
        (
            "Annika Rowe",
            "Deepa Nair",
            "Marcus Hollis",
            "Teresa Vance",
            "Yusuf Demir",
            "Holly Baines",
            "Greta Olsen",
            "Sam Ortega",
        ),
    ),
    Customer(
        "Kestrel Facilities",
        "cus_19407",
        TOMAS,
        Decimal("3325.50"),
        "EUR",
        203,
        "en-US",
        "kestrelfm.example",
        0.2,
        (
            "Aaron Pike",
            "Bianca Ferro",
            "Colin Tran",
            "Ebony Marsh",
            "Ivan Petrov",
            "Lucy Strand",
            "Ray Donahue",
        ),
    ),
    Customer(
        "Alpenwerk Montage AG",
        "cus_21116",
        TOMAS,
        Decimal("1890.00"),
        "CHF",
        27,
        "de",
        "alpenwerk.example",
        -0.2,
        ("Ursula Aebi", "Beat Zürcher", "Marco Bianchi", "Heidi Frei", "Reto Gasser", "Petra Lang"),
    ),
    Customer(
        "Castilla Logística",
        "cus_20455",
        JIWOO,
        Decimal("2210.00"),
        "EUR",
        76,
        "es",
        "castillalog.example",
        0.3,
        ("Inés Carrasco", "Pablo Soler", "Lucía Marín", "Diego Robles", "Nuria Vidal", "Álvaro Peña"),
    ),
    Customer(
        "Maison Verdier",
        "cus_17730",
        JIWOO,
        Decimal("960.00"),
        "EUR",
        162,
        "fr",
        "verdier.example",
        0.1,
        ("Camille Verdier", "Hugo Lambert", "Élodie Roche", "Luc Fontaine", "Manon Giraud"),
    ),
    Customer(
        "Tidewater Security",
        "cus_21590",
        MARTA,
        Decimal("5740.00"),
        "EUR",
        12,
        "en-GB",
        "tidewater.example",
        -0.9,
        (
            "Gareth Lowe",
            "Priscilla Mbeki",
            "Owen Hart",
            "Shona Reid",
            "Dev Malhotra",
            "Kirsty Blake",
            "Leon Achebe",
        ),
    ),
    Customer(
        "Orchard & Pine Events",
        "cus_22034",
        TOMAS,
        Decimal("780.00"),
        "EUR",
        254,
        "en",
        "orchardpine.example",
        0.8,
        ("Mabel Quist", "Theo Banerjee", "Wren Sutton", "Jules Navarro"),
    ),
    Customer(
        "Norden Pflege eG",
        "cus_22411",
        JIWOO,
        Decimal("3010.00"),
        "EUR",
        95,
        "de",
        "nordenpflege.example",
        0.4,
        ("Katrin Dressler", "Ole Hansen", "Silke Brandt", "Jörn Peters", "Wiebke Lorenz", "Henrike Maas"),
    ),
    Customer(
        "Quayside Catering",
        "cus_19983",
        TOMAS,
        Decimal("1245.00"),
        "EUR",
        330,
        "en-GB",
        "quayside.example",
        0.0,
        ("Fiona Marlow", "Bilal Hussain", "Gwen Parry", "Rhys Morgan"),
    ),
)

CASES = (
    "Invoice shows the wrong seat count",
    "Cannot export the shift plan to Excel",
    "App logs me out every morning",
    "How do I copy last week's plan?",
    "Holiday requests are not syncing",
    "Reset two-factor for a new phone",
    "Report totals do not match payroll",
    "Add a second location to our account",
    "Notifications arrive twice",
    "Question about the API rate limit",
    "Change of billing address",
    "Calendar feed shows the wrong time zone",
)

# Who gets no more mail, since when and why: days before today, the person, the reason, what the list says of it.
LEAVERS = (
    (52, "Ray Donahue", "bounced", "550 5.1.1 no such user here"),
    (19, "Jules Navarro", "complained", "reported as spam to the mail provider"),
    (8, "Wiebke Lorenz", "unsubscribed", "by staff: asked on the phone to be left alone"),
)
FORMER_CUSTOMER = "office@lighthouse-crews.example"  # an address that is nobody's any more

# Comments in the words of people: by survey, band tone and language. Each is used once.
COMMENTS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "nps": {
        "good": {
            "en": (
                "Planning the week used to take my whole Friday. Now it is done before lunch.",
                "My team actually reads the schedule, because the app is that simple.",
                "Support answers within the hour and they know what they are talking about.",
                "We rolled out to three sites in a month without a single training day.",
                "Swapping shifts on the phone has ended the night-time calls to me. Thank you!",
                "Reliable, clear, and the price is fair for what it saves us.",
                "Best decision we made last year. The coverage view alone is worth it.",
                "I recommend you to every operations manager I meet.",
                "The new mobile app is fast and the dark mode is easy on tired eyes.",
                "Great onboarding, Marta checked in every week until we were running.",
                "It does one thing and does it very well. Please stay that way.",
                "Holiday planning finally works for part-timers. Love it.",
                "Everything just works. 👏",
                "Switched from spreadsheets, never looked back.",
                "Payroll export is spot on since the update.",
                "Good value, no complaints at all.",
                "Honestly could not run five crews without it.",
            ),
            "de": (
                "Einfach, übersichtlich und der Support ist sehr freundlich.",
                "Endlich ein Dienstplan, den auch die Aushilfen verstehen.",
            ),
            "es": (
                "Muy fácil de usar, el equipo lo aprendió en un día.",
                "El soporte responde rápido y siempre con una solución.",
            ),
            "fr": ("Très bon outil, nous avons gagné beaucoup de temps.",),
        },
        "middle": {
            "en": (
                "Good product, but the reports need more filters.",
                "Does the job. The calendar view gets slow with more than 80 people.",
                "Mostly happy. Would like to see a proper API for absences.",
                "Fine for planning, less fine for time tracking.",
                "The app is nice, the web version feels a bit dated next to it.",
                "Solid, although setting up permissions took us far too long.",
                "OK overall. Two short outages this quarter, both communicated well.",
                "I like it, my boss finds it expensive.",
                "It is good, not yet great. Copying a plan should be one click.",
                "n/a",
                "Does what it says.",
            ),
            "de": ("Ganz gut, aber die Auswertungen könnten flexibler sein.",),
            "es": ("Bien, aunque echo de menos más informes.",),
            "fr": ("Pratique, mais l'application est parfois lente.",),
        },
        "bad": {
            "en": (
                "Third time the sync lost half of our holiday requests. I do not trust it any more.",
                "We pay for 45 seats and use 40. Nobody could explain the invoice to me in four weeks.",
                "Still waiting for an answer to a ticket from last month.",
                "The app logs our guards out in the middle of a shift. That is dangerous.",
                "Price went up 18 % and nothing got better.",
                "Notifications arrive hours late, so people miss shifts.",
                "Too complicated for our older colleagues, they went back to paper.",
                "We were promised the payroll interface in spring. It is autumn.",
                "Charged twice in September and still no refund.",
                "Your last update broke the export we depend on. No warning, no rollback.",
                "Cancelling a site was harder than signing up for it.",
                "I had to explain the same problem to four different people.",
                "Outage on Monday morning, of all times. Nobody told us anything.",
                "Permissions are a mess: a trainee could delete the whole plan.",
                "I think you have the wrong person, I never contacted your support.",
            ),
            "de": (
                "Ständig Abstürze auf unseren Tablets, so kann man nicht arbeiten.",
                "Seit Wochen keine Antwort vom Support. Sehr enttäuschend.",
            ),
            "es": ("La aplicación falla cada vez que intento cambiar un turno.",),
            "fr": ("Trop cher pour ce que c'est, et le support ne répond qu'en anglais.",),
        },
    },
    "ces": {
        "good": {
            "en": (
                "Priya sorted the invoice in ten minutes. Could not have been easier.",
                "One message, one answer, done.",
                "The link to the right help page was all I needed.",
                "Quick and painless, thank you.",
                "Owen stayed on the chat until the export worked.",
                "They had seen my account before answering, so no silly questions.",
                "Fixed before I finished my coffee ☕",
                "Clear steps with screenshots. Perfect.",
                "Very friendly, and they called back as promised.",
                "Two-factor reset took two minutes.",
                "Easy. I only had to say it once.",
                "The new help centre search really helps.",
                "Nothing to improve.",
            ),
            "de": (
                "Schnell und unkompliziert gelöst.",
                "Frau Arce hat sich sofort gekümmert, prima.",
            ),
            "es": ("Me lo solucionaron en la primera respuesta.",),
            "fr": ("Réponse claire et rapide, merci.",),
        },
        "middle": {
            "en": (
                "Solved, but I had to send the same screenshot twice.",
                "It worked out in the end.",
                "Answer was right, it just took two days.",
                "Had to look for the contact form for a while.",
                "OK",
                "The bot first, then a person. I would rather have the person first.",
            ),
            "de": ("Erst beim zweiten Mal verstanden, dann ging es schnell.",),
            "es": ("Bien, pero tuve que insistir.",),
        },
        "bad": {
            "en": (
                "Four e-mails and a call for something that should be a button.",
                "I was sent from chat to mail to phone and back.",
                "Nobody read what I wrote, I got the same template three times.",
                "Ticket closed without asking me. The problem is still there.",
                "Waited nine days for 'please clear your cache'.",
                "Your form rejected my attachment and threw away the whole text.",
                "I had to find the workaround myself in a forum.",
                "Two agents told me opposite things about our contract.",
                "Logging in to the support portal needs yet another password.",
                "Excellent help, 10/10, thank you Priya!",
            ),
            "de": ("Zu viele Rückfragen, am Ende habe ich es selbst gelöst.",),
            "es": ("Tuve que explicarlo todo otra vez desde el principio.",),
            "fr": ("Impossible de joindre quelqu'un qui parle français.",),
        },
    },
    "csat": {
        "good": {
            "en": (
                "Friendly, fast and competent.",
                "Sofía went out of her way to help us before the weekend.",
                "Exactly the answer I needed.",
                "Jonas explained the report totals so that even I understood.",
                "Great service as always.",
                "Thanks, the calendar feed works again!",
                "Problem solved and a tip for next time on top.",
                "I expected a long wait and got an answer in minutes.",
                "👍👍",
                "Really impressed by how quickly you shipped the fix.",
            ),
            "de": ("Sehr netter Kontakt, Problem gelöst.",),
            "es": ("Todo perfecto, gracias.",),
            "fr": ("Service impeccable.",),
        },
        "middle": {
            "en": (
                "Alright. The fix needed a second try.",
                "Polite, but the cause was never explained.",
                "It works now, I hope it stays that way.",
                "Neither good nor bad.",
                ".",
            ),
            "de": ("So weit in Ordnung.",),
            "fr": ("Correct, sans plus.",),
        },
        "bad": {
            "en": (
                "The refund was promised for Tuesday. It is Friday.",
                "The answer was wrong and cost us a night shift.",
                "I was told it is not a bug. It is a bug.",
                "Hung up on after twenty minutes on hold.",
                "You closed my ticket while I was typing.",
                "Not satisfied at all, the duplicate notifications are back.",
                "The agent was nice but could not help, and nobody else followed up.",
            ),
            "de": ("Leider wurde mein Problem nicht gelöst, nur vertröstet.",),
            "es": ("Respuesta automática, ninguna solución.",),
        },
    },
}
