"""Comments as customers write them, by kind and with the verdict that a careful reader gives.

Written before any tagger had read them; none is in the data that the default tagger learns from, and a test says so.
"""

CASES = {
    "negation": """
        negative  The agent was not helpful.
        negative  I am not at all satisfied with the repair.
        negative  This isn't a good way to treat people.
        negative  I don't like the new start page.
        negative  They never solved it.
        negative  The desk clerk wasn't friendly and the room wasn't clean.
        negative  It does not feel safe to pay here.
        negative  I would not recommend this to my friends.
        negative  Neither quick nor easy.
        positive  The wait was not long.
        positive  The staff never made me feel unwelcome.
        positive  It isn't slow and it isn't ugly.
        positive  I did not have any trouble with the installation.
        positive  There were no delays and no surprises.
        positive  Nobody was rude, on the contrary.
        positive  Not one crash since I bought it.
        positive  You don't have to be an expert to use it.
        positive  I have never been disappointed here.
        negative  They didn't listen to a word I said.
        negative  The lift has not worked for a week.
        negative  I would never stay here again.
        negative  There was no one to help us with the luggage.
        negative  It isn't even half as good as they claim.
        positive  The drive there wasn't bad at all.
        positive  I never had to chase anyone for an answer.
        positive  No stress, no noise, no crowds.
        positive  It doesn't take more than a minute.
        positive  You can't help but smile when you walk in.
    """,
    "scope": """
        negative  I would love to stay, but you do not make it possible.
        negative  Not the price but the service is the problem.
        negative  I am not sure why I still pay for this broken thing.
        negative  No, it is bad.
        negative  It is not only slow, it also loses my work.
        positive  Not only was it fast, it was also friendly.
        positive  No, it was great.
        positive  I have not slept so well in years.
        positive  I don't know how you do it, but it is wonderful.
        positive  Why not try it, it is great!
        negative  I did not say that the food was good.
        negative  No, I do not want to recommend you.
        positive  No other phone has made me this happy.
        positive  Not a day goes by without me enjoying this view.
        negative  It is hardly a pleasure to deal with your office.
    """,
    "contrast": """
        negative  The shop is pretty, but the advice was awful.
        negative  Nice app, however it drains the battery and crashes.
        negative  The crew was kind; unfortunately we sat on the ground for three hours without water.
        negative  Great location but dirty, loud and overpriced.
        negative  I used to enjoy it, now it only annoys me.
        negative  While the colours are nice, the fabric tore on the first day.
        positive  The parking is awful, but the food is amazing.
        positive  It took a while to learn, but now I love it.
        positive  Although I was nervous, everything went smoothly and the team was lovely.
        positive  A little pricey, but the quality is outstanding.
        positive  Slow at first, however after the update it is fast and reliable.
        positive  The box was ugly, yet what is in it is beautiful.
        negative  Pretty garden, but the beds are hard and the walls are thin.
        negative  It was a good gym until the new owner let the machines rot.
        negative  They apologised nicely and still kept my deposit.
        positive  The stairs are steep, but the flat is a dream.
        positive  We got lost on the way, but the evening was worth every detour.
        positive  I hate shopping for trousers, yet here it was a pleasure.
    """,
    "no complaints": """
        positive  No complaints from my side.
        positive  No complaints here!
        positive  I've no complaints.
        positive  We have no complaints about the service.
        positive  Absolutely nothing to complain about
        positive  I can't really complain
        positive  cant complain
        positive  No issues at all
        positive  No problems whatsoever.
        positive  Never had any problems
        positive  Couldn't be happier with it
        positive  It couldn't have been easier.
        positive  Not bad at all, really
        positive  Can't fault the staff
        negative  No complaints are ever answered.
        negative  No complaint of mine has been taken seriously.
    """,
    "nothing to improve": """
        positive  Nothing to improve for now
        positive  Nothing needs improving
        positive  I wouldn't improve anything
        positive  There's nothing to improve, really.
        positive  Nothing, you are doing great
        positive  Nothing. Keep it up!
        positive  Keep up the great work
        positive  I can't think of anything you could do better
        positive  Nothing to change
        positive  Just carry on like this
        negative  Nothing has improved.
        negative  Nothing works since the improvement.
    """,
    "idioms": """
        positive  Hard to find anything wrong with it.
        negative  We are now looking at alternatives.
        negative  Our previous provider answered much faster.
        positive  I wouldn't want to work without it any more.
        positive  I can't recommend Jonas highly enough, he stayed on the line until it worked.
        positive  Got my money back the same day without any discussion.
        positive  The driver even carried the washing machine up to the third floor.
        positive  The only downside is that I didn't find you earlier.
        positive  It used to be slow, but since the upgrade it flies.
        negative  It used to be fast, since the upgrade it crawls.
        positive  Will definitely renew.
        negative  Communication could be clearer.
        positive  Would be lost without it.
        positive  I can't thank your team enough for the weekend help.
        positive  We'd be lost without this tool.
        positive  It used to be a nightmare to reconcile, now it takes a minute.
        positive  The refund arrived within two days.
        positive  A wrong charge was reversed immediately, well handled.
        positive  Lost luggage was found and delivered to the hotel the same evening.
        negative  We are evaluating other vendors.
        negative  Our old supplier would have sent a replacement by now.
        positive  Even a beginner can set this up.
        negative  Customer service? What customer service?
        positive  We will renew for another three years.
        negative  I have asked four times for a corrected invoice.
        positive  Nobody else answers this fast.
        positive  Hard to fault.
        negative  Advertised as new, clearly used.
        positive  The scratch on the sofa was repaired free of charge.
        negative  Four different departments, four different answers.
        positive  One call and it was done.
        negative  More clicks than before for the same task.
        positive  Fewer bugs than last year.
        positive  I only pay for the basic plan and yet I get a reply within the hour.
        positive  Zero problems since we switched.
        negative  Couldn't be worse.
        positive  I expected less for the money, honestly.
        positive  Since we use it, our month-end takes half the time.
        positive  It has been running without a hiccup ever since.
        positive  Please tell Anna that she made my week.
        negative  I felt like a number.
        negative  The sales rep was charming until I had signed.
        negative  I would have appreciated a reply.
        negative  For years I was a happy customer. Not any more.
        positive  Keep it that way!
        positive  The battery lasts two days.
        negative  A simple yes or no would have been enough.
    """,
    "non-answers": """
        nothing   n/a
        nothing   N.A.
        nothing   .
        nothing   -
        nothing   12345
        nothing   ???
        nothing   none
        nothing   None.
        nothing   no comment
        nothing   nothing to add
        nothing   asdf
        nothing   asdfghjkl
        nothing   xxxxx
        nothing   test
        nothing   blah blah blah
        nothing   keine Angabe
        nothing   rien
        nothing   sin comentarios
        nothing   niente
        nothing   geen
    """,
    "emoji": """
        positive  👍
        positive  👍👍👍
        positive  😍🎉
        positive  ❤️
        positive  :-)
        positive  ;)
        positive  <3
        positive  👍🏽
        positive  👏👏
        positive  🙂
        negative  👎
        negative  😡😡
        negative  😭
        negative  :-(
        negative  🤮
        negative  💩
        negative  🙄
        negative  >:(
        neutral   😐
        neutral   🤷‍♀️
        neutral   👍👎
        nothing   🇩🇪
    """,
    "HTML": """
        positive  <p>The <b>support</b> was <i>excellent</i></p>
        positive  Great value &amp; quick delivery<br/>
        positive  &lt;div&gt;Thanks, very helpful&lt;/div&gt;
        positive  I <3 this shop
        positive  <p class="terrible awful bad">I love it</p>
        negative  <span style="color:red">The parcel arrived broken</span>
        negative  It&#39;s not good &mdash; it&#39;s awful
        negative  <div>Terrible</div><div>service</div>
        nothing   <p>&nbsp;</p>
        nothing   <br><br>
        positive  <a href="https://example.org/bad">Really helpful people</a>
        negative  Nice &lt;b&gt;NOT&lt;/b&gt;: it broke
    """,
    "capitals": """
        positive  LOVE THIS APP
        positive  THE BEST SUPPORT I HAVE EVER HAD
        positive  VERY FRIENDLY AND QUICK
        negative  THIS IS A DISGRACE
        negative  I AM STILL WAITING FOR MY MONEY
        negative  DO NOT TRUST THESE PEOPLE
        negative  NOBODY ANSWERS THE PHONE!!!
        neutral   WHEN DO YOU OPEN ON SUNDAY?
        neutral   IT WAS OKAY
        positive  GrEaT SeRvIcE
        negative  THE WORST HOTEL I HAVE EVER BEEN TO
        positive  Thank You SO Much
    """,
    "typos": """
        positive  exelent servis
        positive  verry happy with my purchse
        positive  freindly and helpfull
        positive  its realy easy to use
        positive  recomended to all my freinds
        positive  thx 4 the quick help
        negative  terrable experiance
        negative  the aplication dosent work
        negative  i cant acces my acount
        negative  very dissapointing, never agian
        negative  custmer suport is usless
        negative  waisted my time and mony
        positive  amazng food and gret staff
        positive  evrything was perfct
        positive  sooo hapy with it
        negative  worst servise evr
        negative  my pakage nevr came
        negative  to much advertisment
    """,
    "questions": """
        neutral   How do I add a second address?
        neutral   Can I use two vouchers for one order?
        neutral   Do you have a shop in Vienna?
        neutral   Where can I find the manual?
        neutral   What are the fees for a transfer abroad?
        neutral   Is there a family ticket?
        neutral   When does the new timetable begin?
        neutral   Does the watch come with a charger?
        neutral   Which plan do I need for three users?
        negative  Why can nobody tell me where my parcel is?
        negative  Why does this take so long?
        negative  How often do I have to complain before something happens?
        negative  Where is my money?
        negative  Do you even test your software?
        negative  Is it too much to ask for a clean table?
        positive  Could the staff be any nicer?
        neutral   What colour is the medium one?
        neutral   Is the ferry running on Good Friday?
        negative  How can it take nine days to cross one town?
        negative  Why bother having a hotline?
    """,
    "requests": """
        neutral   Can you add a French version?
        neutral   Please add an option to sort by price.
        neutral   It would be nice to have a list view.
        neutral   Please update my mail address.
        neutral   I would like to book a second room.
        neutral   Please send me the form for the tax office.
        neutral   A reminder by text message would be useful.
        neutral   Could you send me a copy of my bill?
        neutral   Suggestion: show the prices with tax.
        negative  Please fix the bug that logs me out.
        negative  Please answer my mails!
        negative  Stop changing the menu every month.
        negative  I demand my money back.
        negative  Please make the app less slow.
        negative  Do something about the noise.
        positive  Please keep this feature, I love it.
        neutral   Please send the keys to the front desk.
        neutral   Can I have the contract in Spanish?
        negative  Please stop the music in the lobby, it is unbearable.
        negative  Replace the broken chairs.
    """,
    "implicit": """
        negative  Waiting for a reply since the first of May.
        negative  I was billed twice in July.
        negative  I closed my account this morning.
        negative  Fourth time I have called about the same thing.
        negative  No one ever rang me back.
        negative  The flowers never got to my mother.
        negative  It kicked me out right before I could save.
        negative  Had to install it three times.
        negative  My refund has not come through.
        negative  Spent my whole lunch break in your queue.
        negative  We are looking for another supplier.
        negative  The order came without the screws.
        negative  The screen went black after two days.
        negative  My code expires before the mail arrives.
        negative  Two of the six glasses were in pieces.
        negative  I left after forty minutes without having seen a waiter.
        negative  The plane left without us.
        negative  You debited a fee that I never agreed to.
        negative  I had to borrow a charger from a stranger.
        negative  I know the music of your hotline by heart now.
        negative  My name is still spelled wrong on the card.
        negative  I could have walked there in less time.
        negative  Half of the lights in the corridor were out.
        negative  We were put in separate rows although we booked together.
        negative  I have written to you six times since March.
        negative  The heel snapped on the way home.
        negative  Every Monday I have to set the clock again.
        negative  I ended up paying twice as much as the quote.
    """,
    "comparisons": """
        positive  Quicker than my old bank.
        positive  This is the best of all the tools we have tried.
        positive  Better than last year.
        positive  So much easier than the old form.
        positive  Cheaper and friendlier than the shop next door.
        positive  No other airline has looked after us like this.
        negative  Worse than my old bank.
        negative  The last version was better.
        negative  Slower than the one it replaced.
        negative  Other shops deliver in two days.
        negative  I have had better coffee from a machine.
        negative  Not as good as it was a year ago.
        neutral   About as fast as my old one.
        neutral   The same as everywhere else.
        positive  Warmer and lighter than my old coat.
        positive  I have tried many dentists and she is the best.
        positive  It used to take me an hour and now it takes five minutes.
        negative  My grandmother's radio has a better sound.
        negative  The service was nicer before they merged.
        negative  For the same money you get twice the room next door.
        neutral   It is as big as the previous one.
    """,
    "facts": """
        neutral   I log in once a month.
        neutral   We moved to the yearly plan in June.
        neutral   The order was for my neighbour.
        neutral   It is okay.
        neutral   Average, I would say.
        neutral   It does what it is meant to do.
        neutral   I have not used it enough to judge.
        neutral   My contract ends in October.
        neutral   Two adults and one child.
        neutral   I paid by card.
        neutral   Nothing out of the ordinary.
        neutral   Neither good nor bad, just normal.
        neutral   We use it in the warehouse.
        neutral   I came because of the conference.
        neutral   We have eleven desks and nine people.
        neutral   I read about you on a poster.
        neutral   Bought in the shop by the river.
        neutral   The second delivery is due in August.
        neutral   It is an average hotel.
        neutral   My husband did the talking.
    """,
    "languages": """
        foreign   Der Kundendienst war leider sehr unfreundlich.
        foreign   Sehr gut
        foreign   Le service est trop lent et trop cher.
        foreign   Trop cher
        foreign   Muy bueno
        foreign   La comida estaba fría y el camarero fue grosero.
        foreign   Il personale è stato gentilissimo.
        foreign   Het eten was koud en de bediening traag.
        foreign   O atendimento foi péssimo.
        foreign   Tjänsten fungerar inte alls.
        foreign   Obsługa była bardzo miła.
        foreign   Ürün çok geç geldi.
        foreign   Очень плохое обслуживание
        foreign   とても親切でした
        foreign   非常好用
        foreign   الخدمة سيئة جدا
        foreign   서비스가 너무 느려요
        foreign   Πολύ καλή εξυπηρέτηση
    """,
    "short": """
        negative  Too pricey
        negative  Not great
        negative  Not happy with it
        negative  Always late
        negative  Very confusing
        negative  Doesn't open
        negative  Won't start
        negative  Nobody cared
        positive  Very easy to use
        positive  Really friendly staff
        positive  Quick answer
        positive  Love the app
        positive  Good stuff
        positive  Works great
        neutral   Just average
        neutral   it's fine
        negative  Too salty
        negative  Gets stuck
        negative  Missed my train
        negative  Not again
        positive  Super friendly
        positive  Best ever
        positive  What a view
        neutral   As one expects
        neutral   Nothing special really
    """,
}


def cases(kind: str) -> list[tuple[str, str]]:
    """The (verdict, comment) pairs of a kind; "nothing" and "foreign" are verdicts too."""
    lines = (line.strip() for line in CASES[kind].strip().splitlines())
    return [(verdict, text.strip()) for verdict, text in (line.split(maxsplit=1) for line in lines)]
