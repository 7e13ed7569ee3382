// Runs every example of the README of delighted 2.2.0 and prints what came of them, as one JSON object.
// Called as: node run.js PACKAGE PORT KEY LIMITED_KEY TASK
'use strict';

const [, , folder, port, key, limitedKey, task] = process.argv;
const build = require(folder);
const client = (apiKey) => build(apiKey, { host: '127.0.0.1', port: Number(port), base: '/v1', scheme: 'http' });
const delighted = client(key);

// Their promises are their own kind; await takes them.
const failure = async (promise) => {
  try {
    await promise;
    return null;
  } catch (error) {
    return { type: error.type, message: String(error.message), retryAfter: error.retryAfter };
  }
};

const every = async (list, options) => {
  const found = [];
  await list.autoPagingEach((one) => { found.push(one); }, options);
  return found;
};

const tasks = {
  async people() {
    const person = await delighted.person.create({
      email: 'jony@appleseed.com', name: 'Jony Appleseed', delay: 86400, properties: { plan: 'basic' },
    });
    await delighted.unsubscribe.create({ person_email: 'jony@appleseed.com' });
    const first = await delighted.person.create({ email: 'test@example.com', send: false });
    await delighted.person.create({ phone_number: '+14155551212', send: false });
    const all = await every(delighted.person.list());
    const retried = await every(delighted.person.list(), { auto_handle_rate_limits_max_retries: 12 });
    const alone = await every(delighted.person.list(), { auto_handle_rate_limits: false });
    let seen = 0;
    await delighted.person.list().autoPagingEach(() => { seen += 1; return seen < 2; });
    const unsubscribed = await delighted.unsubscribe.all();
    const later = await delighted.unsubscribe.all({ page: 2 });
    const bounced = await delighted.bounce.all({ page: 2 });
    await delighted.surveyRequest.deletePending({ person_email: 'jony@appleseed.com' });
    await delighted.person.delete({ id: first.id });
    await delighted.person.delete({ email: 'jony@appleseed.com' });
    await delighted.person.delete({ phone_number: '+14155551212' });
    return {
      properties: person.properties, isScheduled: person.survey_scheduled_at > 0, all: all.map((one) => one.email),
      retried: retried.length, alone: alone.length, seen, unsubscribed: unsubscribed.map((one) => one.email),
      later, bounced, left: (await every(delighted.person.list())).length,
    };
  },

  async responses() {
    const person = await delighted.person.create({ email: 'jo@example.com', send: false });
    const response = await delighted.surveyResponse.create({ person: person.id, score: 10 });
    response.score = 3;
    response.comment = 'Slow';
    const saved = await response.save();
    const retrieved = await delighted.surveyResponse.retrieve(response.id, { expand: ['person'] });
    retrieved.score = 8;
    const again = await retrieved.save();
    const page = await delighted.surveyResponse.all({ page: 2 });
    const expanded = await delighted.surveyResponse.all({ expand: ['person', 'notes'] });
    const metrics = await delighted.metrics.retrieve();
    return {
      id: response.id, saved: [saved.id, saved.score, saved.comment], again: [again.id, again.score, again.comment],
      page, email: expanded[0].person.email, metrics: [metrics.nps, metrics.passive_count, metrics.response_count],
    };
  },

  async autopilot() {
    const email = delighted.autopilotMembership.forEmail();
    const platforms = [
      (await delighted.autopilotConfiguration.retrieve('email')).platform_id,
      (await delighted.autopilotConfiguration.retrieve('sms')).platform_id,
    ];
    await email.create({ person_email: 'email@example.com' });
    const members = await every(email.list(), { auto_handle_rate_limits: true });
    await email.delete({ person_email: 'email@example.com' });
    const left = await every(email.list());
    const sms = delighted.autopilotMembership.forSms();
    const none = await every(sms.list());
    return {
      platforms, members: members.map((one) => one.person.email), left, none,
      refused: await failure(sms.create({ phone_number: '+15556667777' })),
    };
  },

  async paging() {
    return (await every(delighted.person.list({ per_page: 3 }))).map((one) => one.id);
  },

  async refusals() {
    const limited = client(limitedKey);
    await limited.metrics.retrieve();
    return {
      invalid: await failure(delighted.person.create({ email: 'not an address' })),
      unknown: await failure(delighted.surveyResponse.retrieve('123456789')),
      wrong: await failure(client('wrong').metrics.retrieve()),
      limited: await failure(limited.metrics.retrieve()),
    };
  },

  async busy() {
    return { type: (await failure(delighted.metrics.retrieve())).type };
  },
};

tasks[task]().then(
  (result) => { console.log(JSON.stringify(result)); },
  (error) => { console.error(error.type || '', error.message || error); process.exitCode = 1; },
);
