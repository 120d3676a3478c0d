/** What is typed and not sent yet; it outlives a reload and a page that asks for consent anew. */
import { keep } from './keep';

export class Message {
  private value = $state('');

  constructor(private readonly slug: string) {
    this.value = keep.message(slug);
  }

  get text(): string {
    return this.value;
  }

  set text(text: string) {
    this.value = text;
    keep.setMessage(this.slug, text);
  }
}
