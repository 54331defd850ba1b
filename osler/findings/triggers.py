"""Trigger phrases of the scope analysis: which words open a scope, in which direction, and for which status.

Data only; how scopes run is in scope.py. All patterns are for lower-case ASCII text and match whole words. The kind
"none" are phrases that look like a trigger and are none ("no increase", "not only", "natural history").
"""

from __future__ import annotations

_RELATIVE = (
    r"(?:(?:grand|step|half-?|great-?|great-grand)?(?:mothers?|fathers?|parents?|sisters?|brothers?|siblings?|aunts?|uncles?)"
    r"|mom|mum|dad|sibs?|cousins?|nephews?|nieces?|relatives?|twins?|family members?|kindred|sons?|daughters?)"
)
_DURATION = r"(?:hour|day|week|month|year|decade)s?'?"
# A relative who tells the story is no one with the finding.
_TELLS = (
    r"(?:also |then |first |had |has |have |initially )?(?:report(?:s|ed|ing)?|stat(?:es?|ed)|says?|said|notic(?:es?|ed)|note[sd]?"
    r"|den(?:y|ies|ied)|describe[sd]?|thinks?|thought|believe[sd]?|feels?|felt|observe[sd]?|gives?|gave|recall(?:s|ed)?"
    r"|mention(?:s|ed)?|complain(?:s|ed)|call(?:s|ed)|confirm(?:s|ed)|brought|brings|(?:is|are|was|were)(?= (?:concerned|worried))"
    r"|ask(?:s|ed)?|wonder(?:s|ed)?|worr(?:y|ies|ied)|told|saw|sees?|found|finds?|endorse[sd]?|express(?:es|ed))\b"
)
# "if he develops": the clause's own subject and verb, which would end the scope of "if" alone.
_HE_DEVELOPS = r"(?: (?:he|she|they|you|it|there|the (?:patient|child|baby|infant|boy|girl)) \w+)?"
_PERIOD = r"an? (?:young |small |older )?(?:child|infant|baby|toddler|teenager|neonate|newborn|adolescent|boy|girl|kid)"
_SEEN = (
    r"(?:present|seen|found|observed|noted|noticed|detected|identified|evident|apparent|reported|documented|demonstrated"
    r"|visible|palpable|elicited|confirmed|appreciated|felt|heard|recorded|recogni[sz]ed|a (?:feature|problem|concern))"
)
_CLAUSE_END = (
    r"(?=\s*(?:$|[.,;)!]|\bby\b|\bon\b|\busing\b|\bafter\b|\bbut\b|\band\b|\bat\b|\bin\b|\bbecause\b))"
)
_MODAL_NOT = r"(?:cannot|can not|could not|can't|couldn't)"
_FULLY = r"(?:entirely |completely |fully |definitely |definitively |reliably |safely |yet |been |be )*"

NONE = (
    r"no (?:significant |further |interval |appreciable |real |definite )?(?:increase|decrease|changes?|worsening"
    r"|progression|improvement|relief|response|difference|reduction)\b(?: (?:in|of|to|from))?",
    r"not (?:only|just|merely|simply|necessarily|solely|exclusively|limited to|caus(?:e|ed|ing)|drain(?:ing)?"
    r"|respond(?:ing)?(?: to)?|improv(?:e|ing|ed)|resolv(?:e|ed|ing)|relieved|(?:well )?controlled|tolerat(?:e|ed|ing)"
    r"|due to|related to|explained by|responsible for|uncommon|unusual|unexpected|surprising(?:ly)?|until)",
    r"(?:did|does|do|has|have|had|was|were|is|are) not (?:improv(?:e|ed)|resolv(?:e|ed)|respond(?:ed)?|chang(?:e|ed)"
    r"|worsen(?:ed)?|help(?:ed)?|only|reliev(?:e|ed)|prevent(?:ed)?|stop(?:ped)?)",
    r"no (?:doubt|wonder|surprise|other (?:cause|explanation|reason)s?(?: for| of)?|(?:known |identifiable |clear |obvious"
    r" |apparent )?(?:cause|reason|trigger|explanation|treatment|cure|therapy|mutations?|variants?)\b"
    r"(?: (?:was|were|is|could be))?(?: (?:found|identified|detected))?(?: (?:for|of|in))?)",
    r"without (?:difficulty|change|improvement|relief|response|treatment|success|any (?:change|improvement|relief)"
    r"|(?:a |any )?(?:known|clear|obvious|identifiable) (?:cause|trigger))(?: (?:in|of|to))?",
    r"no\. ?\d+|gram[- ]negative|rh(?:esus)?[- ]negative|false[- ]negative|no (?:longer|more|less) than|if not"
    r"|whether or not|as if|as well as|even if|if any",
    r"(?:over|for|during|in|within|these|the) (?:the |this )?(?:past|last|previous) (?:[\w-]+ ){0,2}?(?:hours?|days?|nights?"
    r"|weeks?|weekend|months?|years?)|prior to|previous to",
    r"natural history|history (?:and physical|taking|was (?:taken|obtained))|by history|case history|social history"
    r"|birth history|history of (?:the )?(?:present|current)",
    rf"(?:[\w/]+[ -])?{_DURATION}[- ](?:\w+ )?(?:history|hx)(?: of)?|(?:long|short|lifelong|longstanding|long-standing"
    r"|progressive|insidious|acute|recent|brief) (?:history|hx)(?: of)?",
    r"as (?:soon|far|much|well) as possible|possible (?:causes?|to)|low[- ]risk pregnancy|high[- ]risk (?:pregnancy|clinic)",
    rf"(?:born (?:to|of)|(?:child|son|daughter|offspring|infant|boy|girl) (?:to|of)) (?:[\w-]+ ){{0,4}}?{_RELATIVE}(?! (?:with|who))",
    rf"(?!both (?:\w+ )?(?:grand)?parents)(?:two|three|four|five|six|seven|both|\d+) (?:\w+ )?{_RELATIVE}(?! (?:of|on) (?:his|her|the|their)\b)",
    rf"(?:by|according to|per|from|with|via|lives? with|living with) (?:his|her|their|the|both) (?:biological |adoptive )?{_RELATIVE}",
    rf"(?:his|her|their|the|both|patient's) (?:biological |adoptive )?{_RELATIVE}'? {_TELLS}(?: that)?",
    rf"{_RELATIVE} {_TELLS}(?: that)?|maternal (?:age|blood|serum)|(?:maternal|paternal) (?:inheritance|uniparental|allele"
    r"|deletion|copy|chromosome|haplotype|band|origin)|mother'?s age|twin pregnancy|family (?:practice|physician|doctor)",
)

ABSENT_FORWARD = (
    r"no (?:clear |definite |obvious |clinical |overt |other )?(?:evidence|signs?|symptoms?|indications?|suggestion|features"
    r"|findings|complaints?|reports?|record|episodes?|suspicion)(?: (?:or|and) \w+)?(?: (?:of|for|to suggest|suggesting"
    r"|suggestive of|consistent with|that))?",
    r"no (?:previous |prior |past |known |personal |significant |relevant |reported |documented |medical )*(?:history|hx)"
    r"(?: (?:of|for|suggestive of))?",
    r"without (?:any )?(?:evidence|signs?|symptoms?|a history|history) of|without any|without",
    r"den(?:y|ies|ied|ying)(?: (?:any|having(?: had)?|a history of|experiencing|ever having))?",
    r"negative (?:work-?up |screen(?:ing)? |tests? )?for|absence of|free (?:of|from)|lack(?:s|ed|ing)?(?: of)?|neither|nor"
    r"|none of|unremarkable for|no longer (?:has|have|had|having|shows?|experiences?)|rather than|instead of",
    r"never(?: (?:had|has|have|developed|experienced|showed|been))?|nil|fail(?:s|ed)? to (?:reveal|show|demonstrate|detect"
    r"|identify|develop)|unlikely(?: to (?:have|be|represent|be due to))?|absent|excludes?|excluding|excluded|rul(?:es|ing) out"
    r"|ruled out",
    r"(?:did|does|do|has|had|have|is|are|was|were|could|can)(?: not|n't)(?: (?:have|show|reveal|demonstrate|exhibit|display"
    r"|present with|develop|experience|complain of|report|suffer from|appear to have|seem to have|been|any|had|shown"
    r"|developed|reported))*",
    r"cannot (?:show|demonstrate)|not|no|non",
)
ABSENT_BACKWARD = (
    r"(?:was|were|is|are|has been|have been|had been|being|been|could be|can be)(?: (?:also|subsequently|later|then|\w+ly))?"
    r" (?:ruled out|excluded|refuted|disproved|disproven|discounted|absent|lacking|denied|negated|negative"
    r"|(?:(?:highly|very|deemed|considered|felt to be|thought to be|thought|felt) )*unlikely)(?! for\b)",
    rf"(?:ruled out|excluded|denied|absent|lacking|(?:highly |very )?unlikely|negative){_CLAUSE_END}",
    rf"(?:was|were|is|are|has|have|had|could|did)(?: not|n't)(?: been| be)? {_SEEN}|not (?:been )?{_SEEN}",
    r"(?:came back|returned|tested|proved) (?:negative|normal)|: ?(?:no|none|nil|absent|negative|denied|denies|neg)(?=\s*(?:$|[.,;)]))|\(-\)"
    r"|\((?:no|absent|negative|denied)\)|= ?no\b|(?:did not|never) (?:occur(?:red)?|develop(?:ed)?|recur(?:red)?|happen(?:ed)?)",
)
UNCERTAIN_FORWARD = (
    rf"(?:{_MODAL_NOT}|unable to|not possible to|difficult to) {_FULLY}(?:exclude|rule out|confirm)",
    r"not (?:certain|sure|clear)(?: (?:if|whether|that))?|(?:uncertain|unclear)(?: (?:if|whether))?|whether|questionable"
    r"|(?:in )?question of|query|queried|equivocal(?: for)?|\?+",
    r"possib(?:le|ly|ility of)|probabl[ey]|(?:most |very |more )?likely(?: to have)?|suspect(?:s|ed|ing)?(?: of)?"
    r"(?: (?:having|to have))?|suspicio(?:n|us)(?: (?:of|for))?",
    r"(?:may|might|could)(?: (?:well|also|possibly))? (?:have|be|represent|reflect|indicate|suggest)|might",
    r"presum(?:ed|ably|ptive)|apparently|suggest(?:s|ed|ing|ive)?(?: of)?|(?:rais(?:es|ed|ing)) (?:the )?(?:possibility"
    r"|question|suspicion|concern)s?(?: (?:of|for))?|concern(?:ing|s)? for|(?:concerned|worried) (?:about|for)|tentative|doubtful"
    r"|borderline|versus|vs\.?|perhaps|impression of|differential (?:diagnos[ei]s )?(?:includ(?:es|ed|ing)|of)",
    r"(?:appears?|appeared|seems?|seemed) to (?:have|be|show)|worrisome for|(?:thought|believed) to (?:have|be)"
    r"|no (?:definite|definitive|clear|firm) diagnosis of",
)
UNCERTAIN_BACKWARD = (
    r"(?:is|was|are|were|remains?|being)(?: \w+ly)? (?:possible|probable|likely|suspected|questionable|questioned|uncertain"
    r"|unclear|equivocal|unconfirmed|doubtful|considered|suspicious|debatable)",
    rf"(?:{_MODAL_NOT}|has not|have not|had not|was not|were not|is not|not) {_FULLY}(?:excluded|ruled out|confirmed with certainty)",
    rf"(?:suspected|questioned|possible|probable|(?:(?:highly|very|most|more) )?likely){_CLAUSE_END}|\(\?\)|\?",
)
HISTORICAL_FORWARD = (
    r"(?:past|previous|prior) (?:medical |surgical )?(?:history|hx)(?= ?:)",
    r"(?:past |previous |prior |remote |known |medical |personal |significant |positive |surgical |a |strong )*(?:history|hx)"
    r"(?: is)? (?:of|includes?|including|included|significant for|notable for|remarkable for|positive for|for)",
    # What has stopped was there: "no further seizures since 2019".
    r"no (?:further|more)|(?:did|does|do|has|had|have)(?: not|n't) (?:had |have )?any (?:further|more)",
    r"h/o|status[- ]post|s/p|previous(?:ly)?|prior|formerly|former|past|used to (?:have|suffer from|get|be)|recovered from"
    r"|resolution of|resolved|no longer (?:has|have|had|having)",
    rf"(?:as|when (?:he|she|they|i) (?:was|were)) {_PERIOD}|(?:during|in) (?:early |late |his |her )*(?:childhood|infancy"
    r"|adolescence|teens)|(?:\d+|several|many|some|two|three|four|five|ten|a few) (?:years|decades) (?:ago|earlier|before)"
    r"|in the past",
)
HISTORICAL_BACKWARD = (
    rf"as {_PERIOD}|(?:during|in) (?:early |late |his |her |their |the )*(?:childhood|infancy|adolescence|teens|neonatal period|past)"
    r"|when (?:he|she|they) (?:was|were) (?:an? )?(?:\w+ )?(?:child|infant|baby|younger|young|toddler|teenager|little)",
    r"(?:\d+|several|many|some|two|three|four|five|ten|a few) (?:years?|decades?) (?:ago|earlier|previously|before)"
    r"|(?:(?:has|have|had|since|now|which|that) )*(?:(?:since|now|fully|completely|spontaneously|later|subsequently) )*"
    r"(?:resolved|subsided|disappeared|abated)|in remission|previously",
)
HYPOTHETICAL_FORWARD = (
    rf"(?:if|unless|in case){_HE_DEVELOPS}|in case of|in the event of|should (?:he|she|they|you|the patient|there|symptoms|any|fever|it)(?: \w+)?",
    r"(?:in order )?to (?:rule out|exclude|look for|check for|test for|screen for|evaluate for|assess for|monitor for|prevent"
    r"|avoid|investigate|detect|watch for)|rule[- ]out|r/o|(?:please )?exclude\b(?=:| )",
    r"(?:screen(?:ed|ing|s)?|test(?:ed|ing|s)?|work-?up|work(?:ed|ing)? up|evaluat(?:ed|ion|ing|e)|assess(?:ed|ment)?"
    r"|investigat(?:ed|ion|ions|e)|monitor(?:ed|ing)?|surveillance|watch(?:ed|ing)?|look(?:ed|ing)?|check(?:ed|ing)?"
    r"|prophylaxis|examin(?:ed|ation))(?: \w+)? (?:for|against)(?: (?:possible|suspected))?",
    r"(?:(?:at|increased|high|higher|low|lower|greater|elevated|significant|lifetime|a|the) )*risks? (?:of|for|factors? for)"
    r"|at risk|(?:pre)?dispos(?:es|ed|ition|ing) to|susceptib(?:le|ility) to|prevent(?:s|ion of|ing|ed)?"
    r"|prophylaxis (?:for|against)",
    rf"(?:return|come back|call|seek (?:medical )?(?:help|care|attention)|present to)(?: \w+){{0,4}} (?:if{_HE_DEVELOPS}|for|with)"
    r"|(?:can|may|could|would|might) (?:\w+ )?(?:cause|lead to|result in|develop|present with|include|be associated with)",
    r"(?:complications?|side effects?|adverse effects?)(?: of \w+)? (?:include|such as|may include)|warned (?:of|about)"
    r"|counsel+ed (?:about|on|regarding)|educat(?:ed|ion) (?:about|on|regarding)|fear of (?:having|developing)"
    r"|worr(?:y|ied) about (?:having|developing)|carrier (?:of|for|screening for)",
)
HYPOTHETICAL_BACKWARD = (
    r"(?:screening|prophylaxis|precautions?|surveillance|work-?up|risk|rule-?out)(?! (?:was|were|is|test was) (?:positive|abnormal))",
)
FAMILY_FORWARD = (
    r"(?:(?:positive|strong|known|significant|paternal|maternal|remarkable|a|relevant|extensive) )*family"
    r" (?:medical |health )?(?:history|hx)(?: (?:is|was))?(?: (?:positive|significant|notable|remarkable))?"
    r"(?: (?:of|for|includes?|with))?",
    r"fhx?|affected (?:relatives|family members)|(?:runs?|running) in the family:?",
    rf"(?:(?:his|her|their|the|an?|one|whose|older|younger|elder|eldest|youngest|maternal|paternal|affected|twin|full|healthy"
    rf"|patient's|identical|biological) )*{_RELATIVE}(?:'s)?",
    r"(?:maternal|paternal)(?: side)?",
)
FAMILY_BACKWARD = (
    r"(?:in|among|affecting|of) (?:(?:his|her|their|the|an?|one|two|three|both|other|older|younger|elder|maternal|paternal"
    rf"|affected|full|several|some|multiple|many|first-degree|second-degree|close|distant|twin) )*(?:{_RELATIVE}|(?:maternal"
    r"|paternal) side|family(?! practice| of))",
    r"(?:runs?|running) in (?:the|his|her|their) (?:family|families)|on (?:the|his|her) (?:maternal|paternal|mother's|father's) side",
)
