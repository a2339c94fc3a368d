// Stands in for the route `view` until there is one.
export async function viewOfToday(calls, token, at, locale) {
  const [told, content] = [await calls.get(token, at(`?locale=${locale}`)), await calls.get(token, at(`/content?locale=${locale}&format=html`))];
  const { state, ended } = told.body.now;
  return { ...told, told: state, body: {
    title: told.body.journey, locale: content.body.locale, where: state, next: [], can_report: [], contacts: {}, ended,
    cards: content.body.items.map((one) => ({ ...one, why: "", action: null, image: null, seen: false, reviewed: null, body: at(`/content?locale=${locale}&format=html`) })),
  } };
}
