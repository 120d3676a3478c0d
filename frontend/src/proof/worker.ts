/** Solves one challenge beside the page, which stays usable meanwhile. */
import { numberOf, type Challenge } from './solve';

addEventListener('message', ({ data }: MessageEvent<Challenge>) => postMessage(numberOf(data)));
