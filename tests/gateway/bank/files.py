"""Statements as banks write them, and what came in by them: one transfer of 12.50 PLN from Łukasz Żak for order 7.

The layouts are those of public importers; names and numbers are made up.
"""

TITLE = "Zamówienie 7 zdjęcia"
NAME = "ŁUKASZ ŻAK"

MBANK = f"""\
mBank S.A. Bankowość Detaliczna;
Skrytka Pocztowa 2108;

#Klient;
JAN FOTOGRAF;

#Za okres:;
01.06.2026;30.06.2026;

#Waluta;#Wpływy;#Wydatki;
PLN;12,50;-40 000,00;

#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;
2026-06-15;"{NAME}  {TITLE} PRZELEW ZEWNĘTRZNY PRZYCHODZĄCY 11102055581111123456789012";"eKonto";"Wpływy";12,50 PLN;;
2026-06-16;"Aparat";"eKonto";"Elektronika";-40 000,00 PLN;;
"""

MBANK_OLD = f"""\
mBank S.A.;
#Data operacji;#Data księgowania;#Opis operacji;#Tytuł;#Nadawca/Odbiorca;#Numer konta;#Kwota;#Saldo po operacji;
2026-06-15;2026-06-15;PRZELEW PRZYCHODZĄCY;"{TITLE}";"{NAME}";'11102055581111123456789012';12,50;1 012,50;

;;;;;;#Saldo końcowe;1 012,50;
"""

PKO = f"""\
"Data operacji","Data waluty","Typ transakcji","Kwota","Waluta","Saldo po transakcji","Opis transakcji","","",""
"2026-06-16","2026-06-15","Płatność kartą","-1800.00","PLN","+12.50","Tytuł: 010 123","Lokalizacja: Łódź","",""
"2026-06-15","2026-06-15","Przelew na konto","+12.50","PLN","+1812.50",\
"Rachunek nadawcy: 11 1020 5558 1111 1234 5678 9012","Nazwa nadawcy: {NAME}","Tytuł: {TITLE}",""
"","","Blokada","+12.50","PLN","","Oczekuje","","",""
"""

ING = f"""\
"Lista transakcji";;;;;;;;;;;
"ING Bank Śląski S.A., ul. Sokolska 34";;;;;;;;;;;
"Zakres dat:";"01.06.2026 - 30.06.2026";;;;;;;;;;

"Data transakcji";"Data księgowania";"Dane kontrahenta";"Tytuł";"Nr rachunku";"Nazwa banku";"Szczegóły";\
"Nr transakcji";"Kwota transakcji (waluta rachunku)";"Waluta";"Kwota blokady/zwolnienie blokady";"Waluta";\
"Saldo po transakcji";"Waluta"
2026-06-16;;"Sklep";"Blokada";;;;;;;-15,80;PLN;;
2026-06-15;2026-06-15;"{NAME}";"{TITLE}";'11102055581111123456789012';"PKO BP";"";'2026166';12,50;PLN;;;1012,50;PLN
"Dokument ma charakter informacyjny";;;;;;;;;;;
"""

SANTANDER = f"""\
2026-06-30,01-06-2026,'02 1090 1111 0000 0001 2222 3333',JAN FOTOGRAF,PLN,"1 000,00","1 012,50",2,
15-06-2026,15-06-2026,{TITLE},{NAME} UL. DŁUGA 5,11 1020 5558 1111 1234 5678 9012,"12,50","1 012,50",1,
14-06-2026,14-06-2026,Prąd,ENERGIA,22 1020 5558 1111 1234 5678 9012,"-12,34","1 000,00",2,
"""

MILLENNIUM = f"""\
Numer rachunku/karty,Data transakcji,Data rozliczenia,Rodzaj transakcji,Na konto/Z konta,Odbiorca/Zleceniodawca,Opis,\
Obciążenia,Uznania,Saldo,Waluta
PL99,2026-06-15,2026-06-15,PRZELEW PRZYCHODZĄCY,11 1020 5558 1111,{NAME},{TITLE},,12.50,1012.50,PLN
PL99,2026-06-14,2026-06-14,ZAKUP,,SKLEP,KAWA,-12.00,,1000.00,PLN
"""

SPARKASSE = f"""\
"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Beguenstigter/Zahlungspflichtiger";\
"Kontonummer/IBAN";"BIC (SWIFT-Code)";"Betrag";"Waehrung";"Info"
"DE11";"16.06.26";"16.06.26";"LASTSCHRIFT";"Strom";"Stadtwerke";"DE22";"X";"-1.234,50";"PLN";"gebucht"
"DE11";"15.06.26";"15.06.26";"GUTSCHRIFT";"{TITLE}";"{NAME}";"DE33";"X";"12,50";"PLN";"gebucht"
"""

VOLKSBANK = f"""\
Buchungstag\tVerwendungszweck\tUmsatz\tWährung\tSoll/Haben
15.06.2026\t{NAME} {TITLE}\t12,50\tPLN\tH
15.06.2026\tStrom\t12,50\tPLN\tS
"""

BARCLAYS = f"""\
Date,Description,Money out,Money in,Balance
14/06/2026,Rent,"1,800.00",,"1,000.00"
15/06/2026,{NAME} {TITLE},,12.50,"1,012.50"
"""

REVOLUT = f"""\
Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance
TOPUP,Current,2026-06-15 09:01:02,2026-06-15 09:01:03,{NAME} {TITLE},12.50,0.00,PLN,COMPLETED,1012.50
TOPUP,Current,2026-06-15 09:01:02,2026-06-15 09:01:03,Somebody,12.50,0.00,EUR,COMPLETED,12.50
CARD_PAYMENT,Current,2026-06-14 10:00:00,,Coffee,-12.50,0.00,PLN,PENDING,
"""

ALL = {
    "mbank": MBANK,
    "mbank-old": MBANK_OLD,
    "pko": PKO,
    "ing": ING,
    "santander": SANTANDER,
    "millennium": MILLENNIUM,
    "sparkasse": SPARKASSE,
    "volksbank": VOLKSBANK,
    "barclays": BARCLAYS,
    "revolut": REVOLUT,
}
