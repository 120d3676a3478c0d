/** Reads pictures that are to go with a message, and says in one line why one cannot. */
import { p } from '../i18n/pictures';
import type { Attached } from './message.svelte';

export const KINDS = ['image/png', 'image/jpeg', 'image/webp'];
export const MOST = 4;
export const MOST_MB = 5;
const MOST_SIDE = 8192;

let last = 0;

/** What is wrong with a file as far as that can be seen without reading it; '' is nothing. */
export function fault(file: Pick<File, 'name' | 'type' | 'size'>): string {
  const { name } = file;
  if (!KINDS.includes(file.type)) return p('error.kind', { name });
  const mb = file.size / 2 ** 20;
  return mb > MOST_MB ? p('error.large', { name, mb: mb.toFixed(1), most: MOST_MB }) : '';
}

/** Reads one picture; the error is what to tell the voter. */
export async function attach(file: File): Promise<Attached> {
  const wrong = fault(file);
  if (wrong) throw new Error(wrong);
  const src = await dataUrl(file);
  const image = new Image();
  image.src = src;
  try {
    await image.decode();
  } catch {
    throw new Error(p('error.broken', { name: file.name }));
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  if (Math.max(width, height) > MOST_SIDE) throw new Error(p('error.side', { name: file.name, width, height, most: MOST_SIDE }));
  return { id: ++last, name: file.name, src };
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error(p('error.broken', { name: file.name })));
    reader.readAsDataURL(file);
  });
}
