/** What a screen reader shall say now; one live region shows it, once per call. */

class Announcer {
  text = $state('');

  /** Says a sentence; the same sentence again is said again. */
  say(text: string): void {
    this.text = '';
    setTimeout(() => (this.text = text), 60);
  }
}

export const announcer = new Announcer();
export const say = (text: string): void => announcer.say(text);
