/** What is typed and not sent yet; it outlives a reload and a page that asks for consent anew. */
import { keep } from './keep';

/** A picture that is attached, as a data: URL. */
export interface Attached {
  id: number;
  name: string;
  src: string;
}

export class Message {
  private value = $state('');
  /** Pictures to go with it; these do not outlive a reload. */
  images = $state.raw<Attached[]>([]);

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

  /** Empties it, once it is sent or of no use any more. */
  clear(): void {
    this.text = '';
    this.images = [];
  }
}
