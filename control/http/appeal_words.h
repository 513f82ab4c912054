/* SPDX-License-Identifier: BSD-3-Clause */
/* appeal_words: what the pages of appeals say. X(WORD, sq, en, sr, mk), in the order of page_languages. */
#ifndef CONTROL_HTTP_APPEAL_WORDS_H
#define CONTROL_HTTP_APPEAL_WORDS_H

/* clang-format off */
#define APPEAL_WORDS(X)                                                                                               \
	X(LANGUAGE, "Shqip", "English", "Srpski", "Македонски")                                                       \
	X(LANGUAGES, "Gjuhët", "Languages", "Jezici", "Јазици")                                                       \
	X(TITLE, "Ankesë kundër një bllokimi", "Appeal against a block", "Žalba na blokadu", "Жалба против блокада")  \
	X(INTRO, "Nëse një adresë është bllokuar gabimisht, ose bllokohet më shumë se sa thotë urdhri, na tregoni. Çdo ankesë e lexon një njeri.", \
	  "If an address is blocked by mistake, or more is blocked than the order says, tell us. A person reads each appeal.", \
	  "Ako je adresa blokirana greškom, ili je blokirano više nego što nalog kaže, javite nam. Svaku žalbu čita čovek.", \
	  "Ако некоја адреса е блокирана по грешка, или е блокирано повеќе отколку што вели налогот, јавете ни. Секоја жалба ја чита човек.") \
	X(PRIVACY, "Adresa juaj e internetit nuk ruhet.", "Your Internet address is not kept.",                       \
	  "Vaša internet adresa se ne čuva.", "Вашата интернет-адреса не се чува.")                                   \
	X(SUBJECT, "Adresa e faqes", "Address of the page", "Adresa stranice", "Адреса на страницата")                \
	X(SUBJECT_HINT, "Siç e tregon shfletuesi, për shembull https://example.com/", "As the browser shows it, for example https://example.com/", \
	  "Kako je pokazuje pregledač, na primer https://example.com/", "Како што ја покажува прелистувачот, на пример https://example.com/") \
	X(TEXT, "Pse nuk duhet bllokuar", "Why it should not be blocked", "Zašto ne treba da bude blokirana", "Зошто не треба да биде блокирана") \
	X(TEXT_HINT, "Deri në 2000 shenja", "Up to 2000 characters", "Do 2000 znakova", "До 2000 знаци")              \
	X(CONTACT, "Si t'ju njoftojmë (jo e detyrueshme)", "How to reach you (optional)", "Kako da vas obavestimo (nije obavezno)", "Како да ве известиме (не е задолжително)") \
	X(CONTACT_HINT, "Adresë e-poste ose telefon. Pa të, pyesni me numrin e ankesës.", "E-mail address or telephone. Without it, ask with the number of the appeal.", \
	  "Adresa e-pošte ili telefon. Bez toga pitajte sa brojem žalbe.", "Адреса на е-пошта или телефон. Без тоа прашајте со бројот на жалбата.") \
	X(RULE, "Numri i rregullit", "Number of the rule", "Broj pravila", "Број на правилото")                       \
	X(SEND, "Dërgo", "Send", "Pošalji", "Испрати")                                                                \
	X(DONE, "Ankesa u mor", "The appeal was received", "Žalba je primljena", "Жалбата е примена")                 \
	X(DONE_TEXT, "Ruajeni këtë numër: kush e ka, sheh si shkon ankesa.", "Keep this number: whoever has it can see how the appeal stands.", \
	  "Sačuvajte ovaj broj: ko ga ima, vidi kako stoji žalba.", "Зачувајте го овој број: кој го има, гледа како стои жалбата.") \
	X(STATE_TITLE, "Si shkon një ankesë", "How an appeal stands", "Kako stoji žalba", "Како стои жалбата")        \
	X(TICKET, "Numri i ankesës", "Number of the appeal", "Broj žalbe", "Број на жалбата")                         \
	X(STATE, "Gjendja", "State", "Stanje", "Состојба")                                                            \
	X(OPEN, "në shqyrtim", "being looked at", "u razmatranju", "се разгледува")                                   \
	X(UPHELD, "e pranuar", "upheld", "usvojena", "прифатена")                                                     \
	X(REJECTED, "e refuzuar", "rejected", "odbijena", "одбиена")                                                  \
	X(CREATED, "E marrë", "Received", "Primljena", "Примена")                                                     \
	X(DEADLINE, "Vendoset deri më", "To be decided by", "Rok za odluku", "Рок за одлука")                         \
	X(DECIDED, "Vendosur më", "Decided", "Odlučeno", "Одлучено")                                                  \
	X(NOTE, "Përgjigjja", "Answer", "Odgovor", "Одговор")                                                         \
	X(SHOW, "Shiko", "Show", "Prikaži", "Прикажи")                                                                \
	X(BAD_SUBJECT, "Shkruani adresën e faqes, deri në 4000 bajtë.", "Write the address of the page, of at most 4000 bytes.", \
	  "Upišite adresu stranice, do 4000 bajtova.", "Внесете ја адресата на страницата, до 4000 бајти.")           \
	X(BAD_TEXT, "Shkruani pse nuk duhet bllokuar, deri në 2000 shenja.", "Write why it should not be blocked, in at most 2000 characters.", \
	  "Upišite zašto ne treba da bude blokirana, do 2000 znakova.", "Внесете зошто не треба да биде блокирана, до 2000 знаци.") \
	X(BAD_CONTACT, "Shkruani më shkurt si t'ju njoftojmë, deri në 100 shenja.", "Write how to reach you in at most 100 characters.", \
	  "Upišite kraće kako da vas obavestimo, do 100 znakova.", "Внесете пократко како да ве известиме, до 100 знаци.") \
	X(BAD_TICKET, "Nuk ka ankesë me këtë numër. Shikoni nëse është shkruar drejt.", "There is no appeal of this number. See whether it is written as it was given.", \
	  "Nema žalbe sa ovim brojem. Proverite da li je dobro upisan.", "Нема жалба со овој број. Проверете дали е добро внесен.") \
	X(TOO_MANY, "Nga adresa juaj kanë ardhur shumë ankesa. Provoni përsëri pas një ore.", "Many appeals came from your address. Try again in an hour.", \
	  "Sa vaše adrese je stiglo mnogo žalbi. Pokušajte ponovo za sat vremena.", "Од вашата адреса пристигнаа многу жалби. Обидете се повторно за еден час.") \
	X(FAILED, "Nuk punon tani. Provoni përsëri më vonë.", "It does not work at the moment. Try again later.",     \
	  "Trenutno ne radi. Pokušajte ponovo kasnije.", "Моментално не работи. Обидете се повторно подоцна.")
/* clang-format on */

#endif
