/** Three notes for visitors who have no text at hand; written for this page. */
import type { DocumentMessage } from './nearbit';

export const sampleNotes: DocumentMessage[] = [
  {
    id: 'sample-bread',
    title: 'Bread for Sunday',
    text: `Mix 500 g of flour with 350 g of water and leave it alone for half an hour.

Add 10 g of salt and a spoon of starter. Fold the dough four times, half an hour apart; it is ready for the tin when it springs back slowly.

Overnight in the fridge it gains most of its taste. Bake it in the hottest oven you have, twenty minutes with the lid on and twenty without.`,
  },
  {
    id: 'sample-bicycle',
    title: 'Bicycle, before winter',
    text: `The chain was dry and loud again: clean it with a rag, one drop of oil on each link, wipe off the rest.

Both brake pads are nearly down to the metal. The rear wheel has a slow puncture; the patch kit is in the red tin.

Lights work, the rear one only after a knock. A new battery is due.`,
  },
  {
    id: 'sample-lease',
    title: 'Notes on the lease',
    text: `Three months’ notice, in writing, to the end of a month. The deposit comes back within six weeks after the keys are handed over.

Small repairs up to 80 are ours, everything above is the owner’s. The heating was serviced in October.

Neighbours ask for quiet after ten in the evening. Bicycles may stand in the yard but not in the stairwell.`,
  },
];
