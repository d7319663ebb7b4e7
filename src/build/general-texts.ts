/**
 * Sentences such as people keep, in no site's words: their mean embedding stands for that of texts which do not exist yet.
 * In: base languages of a model. Out: texts. Deliberately not here: anything to search or to test with.
 */

const byLanguage: Record<string, readonly string[]> = {
  en: [
    'Call the dentist on Monday morning and ask whether the appointment can be moved to the week after.',
    'Milk, eggs, two onions, a lemon, flour and a packet of dry yeast.',
    'The meeting agreed to ship the first version in March and to leave the export for later.',
    'Simmer the lentils for twenty minutes, then add the tomatoes, cumin and a pinch of salt.',
    'Our train leaves at nine from platform four; change in Basel and sit on the left for the view of the lake.',
    'The tenant pays the rent in advance, by the third working day of each month.',
    'She wrote the letter three times and sent none of them.',
    'Install the package, set the environment variable and restart the service.',
    'A function that calls itself needs a condition under which it stops.',
    'The heart pumps about five litres of blood a minute through the body at rest.',
    'Prune the apple tree in late winter, before the buds open, and never in a hard frost.',
    'Interest is added at the end of each year, so that the second year earns interest on the first.',
    'In 1848 revolutions spread through much of Europe within a few weeks.',
    'The match ended in a draw after extra time, and was decided by penalties.',
    'Take one tablet twice a day with food, and do not drive until you know how it affects you.',
    'The password must have at least twelve characters and is changed only when it may have been seen.',
    'Light travels about three hundred thousand kilometres in a second.',
    'The choir rehearses on Thursdays; new voices are welcome, above all tenors.',
    'To return an item, print the label, close the parcel and bring it to any post office within thirty days.',
    'Idea for the garden shed: a green roof, a water butt, and a bench that faces west.',
    'The report compares sales of the last two quarters by region and by product.',
    'Error: cannot read the file, permission denied.',
    'My daughter learned to ride a bicycle today, all the way to the corner and back.',
    'Glaciers in the Alps have lost a tenth of their ice in two years.',
    'The court held that the contract had been broken and awarded damages.',
    'Stretch for ten minutes after running, and drink water before you are thirsty.',
    'The museum is closed on Tuesdays and free of charge on the first Sunday of the month.',
    'Photosynthesis turns carbon dioxide and water into sugar and oxygen by the light of the sun.',
    'He plays the cello in the city orchestra and teaches in the afternoon.',
    'Remind the team to back up the database before the upgrade on Friday night.',
    'The novel follows three sisters through the years after the war.',
    'Cut the board to one metre twenty, sand the edges and drill two holes for the hinges.',
    'Unemployment fell for the third month in a row, to just under five per cent.',
    'How do I reset the device to its factory settings without losing my photos?',
    'Green tea is steeped at eighty degrees for two minutes, black tea at boiling point for four.',
    'The cat is afraid of the vacuum cleaner and hides under the bed until it is quiet.',
    'Insurance covers water damage only if the pipes were kept from freezing.',
    'A matrix can be inverted if and only if its determinant is not zero.',
    'Thank you for your message; I am away until the fifth and will answer then.',
    'The bridge was closed to lorries after cracks were found in one of the pillars.',
    'Book: quiet, slow, beautiful, the best chapter is the one about the lighthouse.',
    'Bacteria divide every twenty minutes where it is warm and there is enough to eat.',
    'The invoice is due within fourteen days of the date of delivery.',
    'Turn left at the church, follow the river for a mile, and you will see the mill.',
    'The battery should last two days, less if the screen is on most of the time.',
    'Parliament passed the bill by a narrow majority after a long debate.',
    'Knead the dough until it is smooth, cover it and let it rise in a warm place.',
    'Volunteers planted four hundred trees along the old railway line.',
  ],
  de: [
    'Die Besprechung ist auf Donnerstag verschoben, der Raum bleibt derselbe.',
    'Den Teig eine Stunde gehen lassen und bei zweihundert Grad backen.',
    'Der Mietvertrag kann mit einer Frist von drei Monaten gekündigt werden.',
    'Das Museum zeigt Bilder aus drei Jahrhunderten und ist montags geschlossen.',
  ],
  fr: [
    'La réunion est reportée à jeudi, dans la même salle.',
    'Laissez lever la pâte une heure, puis enfournez à deux cents degrés.',
    'Le locataire paie le loyer au début de chaque mois.',
    'Le train part à neuf heures du quai numéro quatre.',
  ],
  es: [
    'La reunión se aplaza al jueves, en la misma sala.',
    'El museo cierra los martes y es gratuito el primer domingo del mes.',
    'Tome una pastilla dos veces al día con la comida.',
    'Los glaciares han perdido una décima parte de su hielo en dos años.',
  ],
  zh: [
    '会议改到星期四，地点不变。',
    '面团发酵一小时，然后用二百度烤。',
    '火车九点从四号站台出发。',
    '博物馆星期二不开放。',
  ],
  ja: [
    '会議は木曜日に変更され、場所は同じです。',
    '生地を一時間発酵させてから焼きます。',
    '電車は九時に四番線から出ます。',
    '美術館は火曜日が休みです。',
  ],
  ru: [
    'Встреча переносится на четверг, место остаётся прежним.',
    'Поезд отправляется в девять часов с четвёртого пути.',
    'Музей закрыт по вторникам.',
    'Арендатор платит в начале каждого месяца.',
  ],
  ar: [
    'تم تأجيل الاجتماع إلى يوم الخميس في القاعة نفسها.',
    'يغادر القطار في الساعة التاسعة.',
    'المتحف مغلق يوم الثلاثاء.',
    'اترك العجين ساعة ثم اخبزه.',
  ],
};

/** Texts in the languages a model was made for; in all that there are where it does not say, or says none of them. */
export function generalTexts(languages: readonly string[] | undefined): string[] {
  const known = (languages ?? []).filter((tag) => Object.hasOwn(byLanguage, tag));
  const wanted = known.length > 0 ? known : Object.keys(byLanguage);
  return wanted.flatMap((tag) => byLanguage[tag]!);
}
