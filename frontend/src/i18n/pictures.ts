/** The English texts about attaching pictures, loaded where an arena takes some. */
import { texts } from '.';

export const pictures = {
  'add': 'Attach pictures',
  'kinds': 'PNG, JPEG or WebP, up to {most} of {mb} MB; paste or drop works too.',
  'searched': 'Pictures are not searched for personal data: what can be read on them is sent as it is. Place and camera data are taken out.',
  'list': 'Attached pictures',
  'alt': 'Picture {n}, {name}',
  'remove': 'Remove picture {n}, {name}',
  'added.one': '{n} picture is attached.',
  'added.other': '{n} pictures are attached.',
  'error.many': 'At most {most} pictures go with one message; the rest was left out.',
  'error.kind': '{name} is no PNG, JPEG or WebP picture.',
  'error.large': '{name} has {mb} MB; at most {most} MB can be sent. Make it smaller, please.',
  'error.broken': '{name} cannot be shown; it may be damaged.',
  'error.side': '{name} has {width} x {height} pixels; at most {most} a side can be sent.',
} as const satisfies Record<string, string>;

export const { t: p, tn: pn } = texts(pictures);
