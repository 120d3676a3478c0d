"""The words around a name in English, German, French and Spanish, as patterns without capitals."""

TITLE = (
    r"mr\.?|mrs\.?|ms\.?|miss|dr\.?|prof\.?|professor|herrn?|hr\.|frau|fr\.|familie|fräulein|"
    r"m\.|mme\.?|mlle\.?|monsieur|madame|mademoiselle|docteur|sr\.?|sra\.?|srta\.?|señor|señora|"
    r"señorita|"
    r"don|doña|doctora?"
)
CALLED = (
    r"(?:my|the|his|her)[ ]name[ ]is|named|name|account[ ]holder(?:[ ]is)?|"
    r"in[ ]the[ ]name[ ]of|"
    r"on[ ]behalf[ ]of|account[ ]of|(?:parcel|package|letter|invoice|order)[ ](?:for|of)|patient|"
    r"attn\.?|attention|c/o|ask[ ]for|"
    r"spoke[ ](?:to|with)|talked[ ]to|speaking[ ]to|"
    r"mein[ ]name[ ]ist|ich[ ]hei(?:ß|ss)e|hei(?:ß|ss)t|namens|auf[ ]den[ ]namen|lautend[ ]auf|"
    r"läuft[ ]auf|"
    r"kontoinhaber(?:in)?(?:[ ]ist)?|patientin|im[ ]namen[ ]von|z\.[ ]?hd\.?|kann[ ]sich|"
    r"fragen[ ]sie[ ]nach|"
    r"gesprochen[ ]mit|(?:paket|brief|rechnung|sendung)[ ](?:für|von|an)|hier[ ]spricht|"
    r"hier[ ]ist|hier[ ]nochmal|"
    r"je[ ]m['’]appelle|mon[ ]nom[ ]est|nom|au[ ]nom[ ]de|titulaire|à[ ]l['’]attention[ ]de|"
    r"demandez|"
    r"(?:colis|lettre|facture|paquet)[ ](?:pour|de)|parlé[ ](?:\w{1,12}[ ])?(?:à|avec)|assuré|"
    r"assurée|prénom|"
    r"me[ ]llamo|mi[ ]nombre[ ]es|se[ ]llama|nombre|a[ ]nombre[ ]de|titular|paciente|"
    r"a[ ]la[ ]atención[ ]de|"
    r"(?:paquete|carta|factura|envío)[ ](?:para|de)|pregunten[ ]por|pregunte[ ]por|hablé[ ]con|"
    r"hablado[ ]con|soy"
)
RELATION = (
    r"my[ ](?:\w{1,12}[ -])?(?:mother|father|mum|dad|son|daughter|husband|wife|brother|sister|"
    r"neighbou?r|"
    r"colleague|friend|partner|boss|assistant|flatmate|ex-husband|ex-wife|aunt|uncle|cousin)|"
    r"(?:mein(?:e[nmr]?|em|en)?|unser(?:e[nmr]?)?)[ ](?:\w{1,12}[ -])?(?:mutter|vater|sohn|"
    r"tochter|mann|frau|"
    r"ex-mann|ex-frau|bruder|schwester|nachbar(?:in|n)?|kolleg(?:e|in|en)|freund(?:in)?|"
    r"partner(?:in)?|"
    r"chef(?:in)?|oma|opa|tante|onkel)|"
    r"(?:mon|ma|notre)[ ](?:\w{1,12}[ -])?(?:mère|père|fils|fille|mari|femme|ex-mari|ex-femme|"
    r"frère|sœur|"
    r"soeur|voisine?|collègue|amie?|compagne|compagnon|patronne?|tante|oncle|cousine?)|"
    r"(?:a[ ])?mi[ ](?:\w{1,12}[ -])?(?:madre|padre|hijo|hija|marido|mujer|esposa|esposo|exmarido|"
    r"exmujer|"
    r"hermano|hermana|vecino|vecina|compañer[oa]|amig[oa]|pareja|jef[ea]|tía|tío|prim[oa])"
)
GREETING = (
    r"hi|hello|dear|hey|good[ ](?:morning|afternoon|evening)|hallo|liebe[rs]?|guten[ ](?:tag|"
    r"morgen|abend)|"
    r"moin|servus|sehr[ ]geehrte[r]?|bonjour|bonsoir|salut|coucou|cher|chère|hola|buenos[ ]días|"
    r"buenas[ ](?:tardes|noches)|buenas|estimad[oa]|querid[oa]"
)
DEPARTMENT = (
    r"(?:from|in)[ ](?:your[ ])?(?:billing|accounts|accounting|sales|support|finance|"
    r"call[ ]cent(?:re|er))|"
    r"(?:aus|von|in)[ ](?:der|dem|ihrer|eurer)[ ](?:buchhaltung|verwaltung|zentrale|filiale|"
    r"abteilung)|"
    r"(?:vom|im)[ ](?:kundenservice|kundendienst|support|vertrieb|einkauf)|"
    r"(?:de|du|à)[ ](?:la[ ]|le[ ]|votre[ ])?(?:comptabilité|facturation|service|standard|vente)|"
    r"(?:de|del|en)[ ](?:la[ ]|su[ ])?(?:contabilidad|facturación|ventas|atención[ ]al[ ]cliente)"
)
HERE = r"here|hier|am[ ]apparat|à[ ]l['’]appareil|ici|al[ ]habla|al[ ]aparato|aquí|from[ ]accounts"
CLOSING = (
    r"(?:(?:kind|best|warm|many)[ ])?(?:regards|wishes)|cheers|thanks|thank[ ]you|many[ ]thanks|"
    r"thanks[ ]a[ ]lot|"
    r"thx|yours[ ](?:faithfully|sincerely|truly)|sincerely|best|love|"
    r"(?:(?:viele|liebe|beste|schöne|freundliche|herzliche)[ ])?grü(?:ß|ss)en?|gru(?:ß|ss)|lg|vg|"
    r"mfg|"
    r"danke(?:[ ](?:schön|sehr))?|vielen[ ]dank|besten[ ]dank|hochachtungsvoll|"
    r"cordialement|bien[ ]à[ ]vous|salutations(?:[ ]distinguées)?|merci(?:[ ](?:beaucoup|"
    r"d['’]avance))?|"
    r"bises|bonne[ ]journée|amicalement|cdt|"
    r"(?:un[ ])?(?:cordial[ ])?saludos?(?:[ ]cordiales)?|atentamente|(?:muchas[ ])?gracias|"
    r"un[ ]abrazo"
)
# With one of these a name is of a company.
COMPANY = frozenset(
    "gmbh ltd ltd. inc inc. llc ag kg ohg sarl sas s.l. s.a. corp company".split()  # noqa: SIM905
)
