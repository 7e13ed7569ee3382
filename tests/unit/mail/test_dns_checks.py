"""What the DNS says of a sender, judged from the texts of its records; nobody is asked."""

from base64 import b64encode

import pytest

from feedback_app.mail.dns_checks import (
    CouldNotLookUp,
    DnsResolver,
    can_be_public,
    check_bounces,
    check_domain,
    dkim_verdict,
    dmarc_records,
    dmarc_verdict,
    mx_verdict,
    spf_verdict,
    tags_of,
)

LONG_KEY = b64encode(b"k" * 294).decode()  # as long as one of 2048 bits
SHORT_KEY = b64encode(b"k" * 162).decode()  # 1024 bits


class Book:
    """A resolver that knows what it was told; a name that is None cannot be looked up."""

    def __init__(self, texts=None, exchangers=None):
        self.known = {"TXT": texts or {}, "MX": exchangers or {}}
        self.asked = []

    def texts(self, name):
        return self._look_up("TXT", name)

    def exchangers(self, name):
        return self._look_up("MX", name)

    def _look_up(self, kind, name):
        self.asked.append(name)
        found = self.known[kind].get(name, [])
        if found is None:
            raise CouldNotLookUp("LifetimeTimeout")
        return found


@pytest.mark.parametrize(
    ("texts", "says", "advice"),
    [
        (["v=spf1 include:spf.provider.example -all"], "v=spf1 include:spf.provider.example -all", ""),
        (["google-site-verification=x", "v=spf1 ip4:192.0.2.1 ~all"], "v=spf1 ip4:192.0.2.1 ~all", ""),
        (["v=spf1 redirect=_spf.example.org"], "v=spf1 redirect=_spf.example.org", ""),
        ([], "no record", "Add a TXT record to example.org: v=spf1 include:"),
        (["v=spf10 -all"], "no record", "Add a TXT record"),
        (["v=spf1 a -all", "v=spf1 mx -all"], "2 records", "join them into one"),
        (["v=spf1 mx +all"], "v=spf1 mx +all", "lets anybody send"),
        (["v=spf1 mx all"], "v=spf1 mx all", "lets anybody send"),
        (["v=spf1 mx ?all"], "v=spf1 mx ?all", "refuses nobody"),
        (["v=spf1 mx"], "v=spf1 mx", "refuses nobody"),
        (["v=spf1 " + "include:a.example " * 11 + "-all"], "11 lookups", "stop at 10"),
    ],
)
def test_spf_says_who_may_send(texts, says, advice):
    verdict = spf_verdict("example.org", texts)
    assert verdict.says == says
    assert advice in verdict.advice
    assert bool(verdict.advice) == bool(advice)


@pytest.mark.parametrize(
    ("texts", "says", "advice"),
    [
        ([f"v=DKIM1; k=rsa; p={LONG_KEY}"], "a key (rsa)", ""),
        ([f"p={LONG_KEY[:100]} {LONG_KEY[100:]}"], "a key (rsa)", ""),
        (["v=DKIM1; k=ed25519; p=" + b64encode(b"k" * 32).decode()], "a key (ed25519)", ""),
        ([], "no key", "check the selector"),
        (["v=spf1 -all"], "no key", "check the selector"),
        (["v=DKIM1; p="], "revoked (p= is empty)", "new key"),
        ([f"v=DKIM1; p={LONG_KEY[:-3]}"], "a key that cannot be read", "whole"),
        ([f"v=DKIM1; p={SHORT_KEY}"], "a short key", "2048"),
        ([f"p={LONG_KEY}", f"p={SHORT_KEY}"], "2 keys", "must be one"),
    ],
)
def test_dkim_has_one_whole_long_key(texts, says, advice):
    verdict = dkim_verdict("s1._domainkey.example.org", texts)
    assert verdict.says == says
    assert advice in verdict.advice
    assert bool(verdict.advice) == bool(advice)


@pytest.mark.parametrize(
    ("records", "says", "advice"),
    [
        (
            ["v=DMARC1; p=reject; rua=mailto:d@example.org"],
            "v=DMARC1; p=reject; rua=mailto:d@example.org",
            "",
        ),
        (["v=DMARC1; p=quarantine"], "v=DMARC1; p=quarantine", ""),
        (["v=DMARC1; p=none"], "v=DMARC1; p=none", "only watches"),
        ([], "no record", "_dmarc.example.org: v=DMARC1; p=none; rua=mailto:dmarc@example.org"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "2 records", "leave one"),
        (["v=DMARC1; pct=100"], "v=DMARC1; pct=100", "none, quarantine or reject"),
    ],
)
def test_dmarc_says_what_becomes_of_pretenders(records, says, advice):
    verdict = dmarc_verdict("example.org", records)
    assert verdict.says == says
    assert advice in verdict.advice
    assert bool(verdict.advice) == bool(advice)


def test_a_subdomain_goes_by_the_dmarc_of_the_domain_above():
    book = Book({"_dmarc.example.org": ["v=DMARC1; p=reject", "something else"]})
    assert dmarc_records("mail.news.example.org", book) == ["v=DMARC1; p=reject"]
    assert book.asked == [
        "_dmarc.mail.news.example.org",
        "_dmarc.news.example.org",
        "_dmarc.example.org",
    ]
    assert dmarc_records("elsewhere.example", book) == []


def test_bounces_need_somebody_who_takes_them():
    assert mx_verdict("bounces.example.org", ["mx.example.org"]).advice == ""
    assert "Add an MX record" in mx_verdict("bounces.example.org", []).advice


def test_a_domain_is_looked_at_under_every_selector():
    book = Book(
        {
            "example.org": ["v=spf1 -all"],
            "s1._domainkey.example.org": [f"p={LONG_KEY}"],
            "_dmarc.example.org": ["v=DMARC1; p=reject"],
        }
    )
    verdicts = list(check_domain("example.org", ["s1", "s2"], book))
    assert [(verdict.what, bool(verdict.advice)) for verdict in verdicts] == [
        ("SPF of example.org", False),
        ("DKIM s1._domainkey.example.org", False),
        ("DKIM s2._domainkey.example.org", True),
        ("DMARC of example.org", False),
    ]


def test_without_a_selector_the_key_is_not_guessed():
    (dkim,) = [one for one in check_domain("example.org", [], Book()) if one.what.startswith("DKIM")]
    assert (dkim.says, "--dkim-selector" in dkim.advice) == ("not looked up", True)


def test_a_dns_that_does_not_answer_is_no_missing_record():
    book = Book({"example.org": None, "_dmarc.example.org": None}, {"b.example.org": None})
    verdicts = [*check_domain("example.org", [], book), check_bounces("b.example.org", book)]
    silent = "could not be looked up (LifetimeTimeout)"
    assert [verdict.says for verdict in verdicts] == [silent, "not looked up", silent, silent]


def test_an_installation_without_name_servers_says_so(monkeypatch):
    import dns.resolver

    def refuse(*_arguments, **_options):
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", refuse)
    with pytest.raises(CouldNotLookUp, match="NoResolverConfiguration"):
        DnsResolver().texts("example.org")


class Answers:
    """What dnspython would have found."""

    def __init__(self, answer):
        self.answer = answer

    def resolve(self, _name, _kind, lifetime):
        assert lifetime == 4.0
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("missing", ["NXDOMAIN", "NoAnswer"])
def test_a_name_or_record_that_is_not_there_is_an_empty_answer(missing, monkeypatch):
    import dns.resolver

    error = {
        "NXDOMAIN": dns.resolver.NXDOMAIN(),
        "NoAnswer": dns.resolver.NoAnswer.__new__(dns.resolver.NoAnswer),
    }
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: Answers(error[missing]))
    assert DnsResolver().texts("example.org") == []
    assert DnsResolver().exchangers("example.org") == []


def test_the_pieces_of_a_long_record_are_joined_and_nobody_is_no_exchanger(monkeypatch):
    import dns.rdata
    import dns.resolver

    text = dns.rdata.from_text("IN", "TXT", '"v=DKIM1; p=abc" "def"')
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: Answers([text]))
    assert DnsResolver().texts("example.org") == ["v=DKIM1; p=abcdef"]
    hosts = [dns.rdata.from_text("IN", "MX", "10 mx.example.org."), dns.rdata.from_text("IN", "MX", "0 .")]
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: Answers(hosts))
    assert DnsResolver().exchangers("example.org") == ["mx.example.org"]


@pytest.mark.parametrize(
    ("domain", "public"),
    [
        ("example.org", True),
        ("surveys.bücher.de", True),
        ("northlight.example", False),
        ("localhost.localdomain", False),
        ("mail", False),
        ("", False),
    ],
)
def test_names_that_the_dns_cannot_know_are_not_asked_for(domain, public):
    assert can_be_public(domain) is public


def test_tags_are_read_whatever_their_spacing():
    assert tags_of(" V = DMARC1 ;p=none; ;x") == {"v": "DMARC1", "p": "none"}
