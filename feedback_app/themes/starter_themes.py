"""Themes to begin with: what customers write about, in the words that they use for it."""

from dataclasses import dataclass

# Told apart on white and on dark paper, and by people who see fewer colours; a theme's name always stands beside it.
BLUE, ORANGE, GREEN, PINK = "#2f7dc1", "#d55e00", "#1a9870", "#c2639c"
PURPLE, CYAN, OCHRE, GREY = "#8666d1", "#2a93b8", "#b07d00", "#7a7f87"
COLOURS = (BLUE, ORANGE, GREEN, PINK, PURPLE, CYAN, OCHRE, GREY)


@dataclass(frozen=True, slots=True)
class StarterTheme:
    """A theme as it is offered."""

    name: str
    colour: str
    patterns: str


def _theme(name: str, colour: str, *groups: str) -> StarterTheme:
    """A theme of these patterns, which commas separate here and line breaks everywhere else."""
    lines = [pattern.strip() for group in groups for pattern in group.split(",")]
    return StarterTheme(name, colour, "\n".join(line for line in lines if line))


APP = _theme(
    "Website and app",
    BLUE,
    "app, apps, application, applications, website*, web site*, webpage*, site, homepage, page, pages, platform*",
    "interface, screen*, layout, design of, menu, button*, click*, browser*, android, iphone, ipad, ios, tablet",
    "download*, install*, uninstall*, update, updates, updated ... now, upgrade*, new version, latest version",
    "version, crash*, bug, bugs, buggy, glitch*, freez*, frozen, error*, load, loads, loading, laggy, search*",
    "filter*, scroll*, notification*, navigat*, user friendly, checkout, check out, basket, wishlist, favourites",
    "favorites, dark mode, online, doesn't work, not working, won't open, stopped working, keeps ... out",
    "-comparison site*, -other app*",
)
EASE = _theme(
    "Ease of use",
    GREEN,
    "easy, easier, easiest, easily, ease, simple, simpler, simply to, simplicity, straightforward, straight forward",
    "intuitive, user friendly, userfriendly, navigat*, convenient*, convenience, hassle free, no hassle, no fuss",
    "without fuss, painless, seamless*, smooth, smoothly, self explanatory, handy, practical, comfortable to use",
    "effortless*, complicated, confus*, cumbersome, difficult, hard to use, hard to find, hard to understand",
    "hard to navigate, not clear, unclear, understand*, tedious, clunky, awkward, fiddly, intuitively, accessible",
    "user experience, set up, clear and, beginner*",
)
STAFF = _theme(
    "Staff and support",
    PINK,
    "staff, customer service*, customer care, customer support, client service*, helpdesk, help desk",
    "support ... help*, support was, support is, your support, great support, good support, excellent support",
    "poor support, answer* ... support, nobody answer*, no one answer*, never answer*, agent, agents, advisor*",
    "adviser*, representative*, operator*, employee*, assistant*, spoke to, spoke with, speak* to, talk* to",
    "dealt with, dealing with, helpful, unhelpful, helped, help me, help us, assist*, polite, courteous, rude",
    "arrogant, patient, professional, unprofessional, knowledgeable, kind, pleasant, incompetent, ignore*",
    "attitude, explained, chat, respond*, no response, reply, replied, replies, no answer, lady, gentleman",
    "contacted, contact them, contact you, contact customer, get hold of, complain*, resolved, team, attentive",
    "bad service, poor service, terrible service, awful service, worst service, service was, service is",
    "flight attendant*, crew, manager*, supervisor*, apolog*, understaffed, communication, real person",
    "good manners, -helpful app, -helpful information, -chat room*",
)
PHONE = _theme(
    "Phone",
    CYAN,
    "phone call*, phoned, phoning, phone number, phone support, phone line*, phone queue*, telephone*, by phone",
    "on the phone, over the phone, off the phone, the phone ... answer*, answer* ... phone, via phone, call, calls",
    "called, calling, caller*, call centre*, call center*, callback, rang, ring them, hotline, helpline, on hold",
    "hung up, hang up, put ... through, dialled, dialed, voicemail, toll free, -so called, -is called, -are called",
    "-was called, -called it, -app called, -company called",
)
EMAIL = _theme(
    "E-mail",
    OCHRE,
    "email, emails, emailed, emailing, e mail, e mails, e mailed, mail, mails, mailed, mailing, inbox, spam",
    "newsletter*, -email address, -e mail address, -royal mail",
)
PRICE = _theme(
    "Price and value",
    ORANGE,
    "price, prices, priced, pricing, pricey, overpriced, cheap, cheaper, cheapest, cheaply, expensive",
    "costly, cost, costs, fee, fees, charges, rate, rates, tariff*, commission*, deal, deals, bargain*",
    "affordable, unaffordable, value for money, good value, great value, best value, worth ... money",
    "save money, saving*, saved, save* me, save on, saves, waste of money, rip off, rip-off, competitive",
    "afford, budget, inexpensive, free shipping, low cost, lower bill*, quote ... higher, paid less",
    "pay less, pay more, per year, per month, a year, cheapest quote, double the, -deal with, -big deal",
    "-great deal of, -saved cards, -money back",
)
DISCOUNTS = _theme(
    "Discounts and rewards",
    PURPLE,
    "discount*, voucher*, coupon*, promo, promos, promo code*, promotion*, special offer*, offers, offer code",
    "discount code*, points, reward*, loyalty, cashback, cash back, bonus*, gift card*, free stock*, free share*",
    "free night*, sale, sales, clubcard, free gift*, freebie*, referral*, bogof, half price, -for sale",
    "-sales person, -sales team, -after sales, -offers a, -the point*, -sales rep*",
)
DELIVERY = _theme(
    "Delivery and speed",
    CYAN,
    "delivery, deliveries, deliver, delivered, delivers, shipping, shipped, shipment*, ship, courier*, parcel*",
    "arrive, arrived, arrives, arriving, dispatch*, tracking, postage, fast, faster, fastest, quick, quicker",
    "quickest, quickly, swift*, prompt, promptly, slow, slower, slowly, speed, speedy, delay*, late, on time",
    "in time, ahead of schedule, took ... long, takes ... long, taking ... long, too long, takes forever",
    "took forever, ages, long wait, wait ... weeks, wait* ... days, waiting, waited, efficient, instant*, in no time",
    "in minutes, less than ... minutes, within minutes, within days, within hours, came ... days, came early",
    "came quickly, perfect condition, good condition, rapid, timely, never received, not received",
    "still ... received, package*, -waiting to see, -fast forward, -late to",
)
LOGIN = _theme(
    "Login and account",
    GREY,
    "log in, logged in, logging in, login, logins, log on, logged on, logging on, log me, logs me, logged me",
    "log out, logged out, sign in, signing in, signed in, sign on, sign me, signs me, signed me, password*, passcode",
    "pin code, register, registered, registering, registration, re register, reregister, create an account",
    "my account ... access, access ... account, access my, to access, verify, verified, verification",
    "verif* ... account, account ... verif*, locked out, account ... locked, account ... blocked, account ... closed",
    "account ... suspended, face id, fingerprint, two factor, authentic*, credentials, username, user name",
    "enter my email, email address, email and password, recognise ... email, recognize ... email, reset",
    "close ... account, delete ... account, open an account",
)
COMPETITORS = _theme(
    "Competitors",
    PURPLE,
    "competitor*, competition, competing, compared to, comparison site*, comparison website*, compared with",
    "better than, worse than, cheaper than, easier than, more than any other, than other, than others",
    "than any other, than any, than the other*, other app, other apps, other sites, other site, other website*",
    "other platform*, other compan*, other compar*, other supermarket*, other provider*, other insur*, other bank*",
    "other store*, other shop*, others i, unlike other*, elsewhere, somewhere else, someone else, alternative*",
    "switch to another, the best, best app, best shopping, best online, best website, best site, best company",
    "best service, best place, best ever, one of the best, best i, the worst, worst app, worst i, worst ever, by far",
    "cheapest, the easiest, the market, out there, rival*, similar app*, similar site*, favorite app, favourite app",
    "best price*, best deal*, best way, best trading, best out, best in, best of",
)
REVIEWS = _theme(
    "Ratings and reviews",
    OCHRE,
    "review, reviews, reviewed, reviewer*, reviewing, opinions, ratings, testimonial*, forum, forums, word of mouth",
    "other people's comments, read ... comments, trustpilot, user comments, star rating, comments of, comments from",
    "-writing this review, -this review, -write a review, -leave a review, -my review, -update review, -edit review",
)
OVERALL = _theme(
    "Overall impression",
    GREEN,
    "love, loved, loving, recommend*, excellent, perfect, perfectly, happy, satisfied, satisf*, pleased, very good",
    "good, great, amazing, awesome, fantastic, brilliant, wonderful, superb, outstanding, thank, thanks, impressed",
    "disappoint*, terrible, horrible, awful, appalling, shocking, disgusting, worst, scam*, fraud*, rubbish, useless",
    "quality, service, experience*, company, always, never again, will never, never use, avoid, stay away",
    "will use again, use again, will be using, use them again, trust*, no complaints, no problems, no issues",
    "everything is, everything was, all good, all ok, years, beautiful, comfortable, fit, top, super, as described",
    "as expected, poor, bad, dissatisf*, unhappy, regret*, five stars, 5 stars, brand",
)
RETURNS = _theme(
    "Returns and refunds",
    PINK,
    "return label*, return process, return policy, return policies, returns, returned, returning, return it",
    "return them, return an, return the, return my, free return*, send ... back, sent ... back, refund*, money back",
    "reimburse*, exchange*, replacement*, warranty, guarantee, wrong item*, wrong size, wrong order, wrong product",
    "missing item*, damaged, broken, faulty, defective, chargeback*, -stock exchange, -exchange rate*",
    "-returning customer*, -returned my call, -returned to the app",
)
PRODUCTS = _theme(
    "Products and range",
    PURPLE,
    "quality, range of, selection, choice, choices, variety, assortment, products, product, items, in stock",
    "out of stock, sold out, availability, not available, unavailable, sizes, sizing, size, fits, material, fabric",
    "as described, as pictured, as shown, looks like the picture*, fresh, freshness, packaging, brands, substitut*",
    "-service quality, -quality of service, -quality service",
)
BUGS = _theme(
    "Bugs and reliability",
    ORANGE,
    "bug, bugs, buggy, crash*, error*, glitch*, freez*, frozen, froze, doesn't work, don't work, didn't work",
    "not work, not working, stopped working, won't work, won't load, won't open, won't let, can't load, can't open",
    "broken, breaks, outage*, downtime, went down, is down, was down, offline, unreliable, reliable, reliability",
    "unstable, stable, stability, keeps ... crashing, keeps closing, lost ... data, data loss, sync, syncs, syncing",
    "out of sync, fix, fixed, something went wrong, unresponsive, hangs, timed out, times out",
)
PERFORMANCE = _theme(
    "Waiting and speed",
    CYAN,
    "fast, faster, fastest, quick, quicker, quickest, quickly, slow, slower, slowly, slowness, speed, speedy, lag*",
    "latency, performance, wait, waits, waiting, waited, delay*, prompt, promptly, response time*, turnaround",
    "took ... long, takes ... long, took ... days, took ... weeks, too long, forever, hours, within minutes",
    "instant*, timely, still no answer, still no reply, on time, in time, late, overdue, rapid, swift*, loading",
    "load time*",
)
BILLING = _theme(
    "Billing and payment",
    OCHRE,
    "bill, bills, billed, billing, invoice*, charge, charged, charging, overcharged, double charge*, charged twice",
    "payment*, pay, paid, paying, credit card*, debit card*, direct debit, card ... declined, declined, receipt*",
    "transaction*, auto renew*, automatic renewal, renewal, paypal, apple pay, google pay, bank account",
    "bank transfer, vat, tax, taxes, purchase order, deducted, withdrew, took money, debited, hidden fee*",
    "hidden cost*, -pay attention, -in charge, -battery charge*, -bill of, -free of charge",
)
CANCELLING = _theme(
    "Cancelling and refunds",
    PINK,
    "cancel, cancels, cancelled, canceled, cancelling, canceling, cancellation*, unsubscrib*, end ... subscription",
    "stop ... subscription, terminate*, termination, notice period, refund*, money back, reimburse*, compensat*",
    "chargeback*, free trial, trial period, downgrade*, contract*, leave ... contract, rebook*",
)
FEATURES = _theme(
    "Features and wishes",
    PURPLE,
    "feature*, functionality, functionalities, function, functions, missing, lacks, lacking, limited, limitation*",
    "would be nice, would be great, would be good, would be helpful, would love, would like to see, wish, please add",
    "should be able, should have, should allow, needs to have, ability to, option to, options, no way to, no option",
    "custom field*, customi*, roadmap, suggestion*, suggest, improve*, dashboard*, report, reports, reporting",
    "export*, -improved my, -wish you, -missing out",
)
INTEGRATIONS = _theme(
    "Integrations and data",
    GREY,
    "integrat*, api, apis, webhook*, plugin*, plug in*, add on, add ons, connector*, connect to, connect with",
    "import*, export*, csv, excel, zapier, slack, salesforce, outlook, google sheets, calendar sync, single sign on",
    "sso, sync with, syncs with, migrat*, data transfer, third party, backup*, -important, -importance, -importantly",
)
ONBOARDING = _theme(
    "Onboarding and help texts",
    GREEN,
    "onboarding, on boarding, getting started, get started, setup, set up, setting up, installation, implement*",
    "training, trained, tutorial*, documentation, docs, manual, manuals, guide, guides, knowledge base, help center",
    "help centre, help article*, faq*, instructions, webinar*, video*, learning curve, learn, walkthrough*, demo",
)
PUNCTUALITY = _theme(
    "Waiting and punctuality",
    CYAN,
    "wait, waits, waiting, waited, late, later than, delay*, on time, in time, punctual*, hours, queue*, line, lines",
    "queueing, minutes late, hour late, overdue, stuck, sitting, sat, prompt, promptly, quick, quickly, fast, slow",
    "slowly, took ... long, takes ... long, too long, forever, missed ... connection, miss ... connection, tarmac",
    "missed ... flight, miss ... flight, no show, didn't show up, never showed, hrs, hour, hr, schedule, efficient",
    "-sooner or later, -online, -hotline, -at no time, -office hours, -opening hours, -phone line*, -see you later",
)
BOOKING = _theme(
    "Booking and appointments",
    BLUE,
    "book, booked, booking*, reserv*, appointment*, reschedul*, rebook*, availability, slot, slots, calendar",
    "confirmation, itinerary, ticket, tickets, check in, checked in, schedule an, seat assignment*, upgrade*",
    "make a change, change my, name change, -book store, -facebook, -support ticket*",
)
CANCELLATIONS = _theme(
    "Cancellations",
    PINK,
    "cancel, cancels, cancelled, canceled, cancelling, canceling, cancellation*, cancelation*, called off, postpone*",
    "rescheduled, no show, refund*, money back, compensat*, reimburse*, voucher*, -cancellation policy page",
)
WORK = _theme(
    "Quality of the work",
    GREEN,
    "quality, workmanship, well done, good job, great job, excellent job, bad job, poor job, terrible job",
    "excellent work, great work, good work, thorough*, careful*, careless*, sloppy, professional, professionally",
    "unprofessional, expertise, experienced, competent, incompetent, mistake*, wrong, fixed, repaired, repair*, redo",
    "redone, result, results, attention to detail, standard, standards, unfinished, as promised, as agreed",
)
COMFORT = _theme(
    "Rooms and comfort",
    ORANGE,
    "room, rooms, seat, seats, seating, legroom, clean, cleanliness, dirty, filthy, smell*, toilet*",
    "bathroom*, comfortable, uncomfortable, comfort, cramped, noise, noisy, quiet, cold, hot, heating",
    "air conditioning, parking, location, atmosphere, wifi, wi fi, internet, food, drink, drinks, meal*",
    "snack*, breakfast, coffee, entertainment, broken, cabin, temperature, -cold call*, -room for improvement",
)
BELONGINGS = _theme(
    "Belongings and damage",
    GREY,
    "luggage, bag, bags, baggage, suitcase*, carry on, belongings, lost and found, lost property, lost my, lost our",
    "damage, damaged, damages, stolen, theft, left behind, missing, broke my, scratched, item* ... lost",
)
SAFETY = _theme(
    "Trust and privacy",
    GREY,
    "trust*, honest*, dishonest*, scam*, fraud*, mislead*, misled, lie, lied, lies, lying, transparen*, reliable",
    "reputable, privacy, private data, personal data, personal information, data protection, secure, security, safe",
    "safety, safely, sold my, hacked, phishing, -trust fund",
)
