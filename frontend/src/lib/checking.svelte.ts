/** Whether a proof of work is being looked for; one notice shows it, on every page. */
class Checking {
  busy = $state(false);
}

export const checking = new Checking();
