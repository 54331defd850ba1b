"""Plain English words that questions are made of: they name no disease and no finding.

Words for complaints are not among them: a what-if must not pass over one that it did not read.
"""

from __future__ import annotations

# Words that name no disease by themselves.
_IDLE_TEXT = """why not what if is it the a an of and or how sure that this one are you about for was were rather than instead over
against rule out ruled does do did be in with without would could there no disease syndrome to from by on at as its his her"""
IDLE = frozenset(_IDLE_TEXT.split())
# Words of questions about an order of diseases.
_COMMON_TEXT = """first second third fourth fifth likely unlikely probable higher lower behind ahead ranked place patient case think
differential diagnosis answer order change certain confident source sources reference evidence reason reasons explain support supports
speaks where which other another really still compare compared difference between versus excluded ranking disease diseases paper papers
comes about please would could should"""
COMMON = frozenset(_COMMON_TEXT.split())
_SMALL_TEXT = """can we i has have been so but then me any others rest next all isn wasn aren t s say says speak more less them these
those too ones above first"""
SMALL = frozenset(_SMALL_TEXT.split())
_OTHER_TEXT = """able above absolutely accept account across actually add addition after again ago agree ahead algorithm
all almost alone along already also alternative alternatives although always am among answered answers
anyhow anyone anything apart apparently appear appears argue argues argument arguments around as ask asked
asking asks assess assessment assume at attending away back base based basis beat beaten beats because
become becomes before began begin behind believe believes below best bet better beyond bigger bit boss
both bottom bring brings but by call called came candidate candidates cannot capital cause causes
certainty chance chances check checked checking choice choose choosing chose chosen city claim clear
clearly clinically close closer colleague colleagues come common compares comparing comparison compatible
computer concerned conclude concluded conclusion conclusions condition conditions confidence confirm
consider considered considering consistent consultant contribute contributes contribution convinced
correct could couldn count country counts course dare data dear decide decided decision deep describe
described description detail details detected determine diagnose diagnosed diagnoses didn differ
differences different differential differentials differentiate differently difficult directly disagree
disagreed discard discarded discriminate discriminates dismiss dismissed distinguish distinguishes doctor
doctors doesn doing don done doubt down drop dropped due during each earlier early easily eh either else
elsewhere end ended ends engine enough entirely entry equal especially estimate etc even ever every
everyone everything evolve exactly example exclude excludes excluding exist expect expected expert experts
explain explains explanation express fact facts fairly far favor favors favour favours feature features
few figure figures final finally find finding findings finds fit fits fitting five flip follow following
forget forgot form found from fully further general get gets give given gives go goes going good got
ground grounds guess had half happen happens happy hard has hasn have haven having he hello help helps her
here hers hey hi high highest highly him himself his history hmm hold holds honest honestly how however i
idea ideas ie ignore ignored ignores imagine important include included includes including indicate
indicates info information input instance instead instruction instructions interesting into involved isn
its itself judge judged just justify keep kept kind kindly know knowledge known knows lack large largest
last later lead leading leads least leave led left less let level lift like likelier likeliest likelihood
likewise list listed lists literature little ll look looked looks lot low lowest mad made main mainly make
makes making many matter matters may maybe me mean means meant mention mentioned mentions might mind mine
minus miss missed missing mistake mistaken model moment more most mostly move much must my name named
names near nearly need needs neither never nevertheless new nice none nor nothing notice noticed now
number numbers obvious obviously odd odds off often oh ok okay on once only opinion opposed option options
order ordered ordering our ours out overall overlook overlooked overtake own part particular particularly
patients people per percent percentage perhaps person pick picked picture piece pieces place placed places
plausible play plays please point pointing points position possibilities possibility possible possibly
precise precisely predict prediction prefer preferable preference preferred presence presentation presents
pretty previous print prior probabilities probability probable probably problem professor prompt proof
prove provide published push put puts question questions quickly quite quote rank ranked ranks rare rarely
rarer rate rated rather rating read ready real reality reasonable reasonably reasoning refer references
regard regarding regards registrar reject rejected relate related relation relevance relevant reliable
rely remain remains report reported resident result results reveal right risk rival rivals role row rows
rule rules ruling runner said sake same saw saying score scored scores see seem seems seen select selected
senior sense separate separates serious several shall share she should shouldn show showing shown shows
side similar simply since sir situated small smaller so some somebody somehow someone something somewhat
somewhere soon sort speak speaking specialist specifically spite start stated statement states step steps
stop story strange stronger strongest strongly student studies study subject such suggest suggested
suggesting suggestion suggests suitable suited supported supporting suppose supposed surely surprise
surprised surprises surprising suspect suspected suspicion system take taken takes talk teacher tell
telling tells ten term terms test tests text than thank thanks that their theirs them themselves therefore
these they thing things thinking thinks third though thought three through thus time times to together
told too took top total toward towards tried true truly trust try trying turn twice two type typical
typically ultimately under understand understanding unless unlikelier unlikely until up upon us use used
useful uses using usual usually value versus very view vs walk want wanted wants wasn way we weaker
weakest weigh weighs weight well went weren whether while who whole whom whose why will win wish within
won wonder wondering word words work works worth wouldn write wrong yes yet you your yours yourself
absent present definitely drive drives driving hereditary heritable inherit inherited inheritance inherits genetic genetically autosomal dominant recessive linked run runs
reliable certain otherwise passage passages method methods convince hypothesis working diagnostician"""
_OTHER = frozenset(_OTHER_TEXT.split())
_PLAIN = IDLE | COMMON | SMALL | _OTHER


def plain(word: str) -> bool:
    """Whether a word (lower case) is a plain one, also with a common ending."""
    if word in _PLAIN:
        return True
    return any(
        word.endswith(end) and word.removesuffix(end) in _PLAIN for end in ("s", "ed", "d", "ing", "ly")
    )


class Plain:
    """All plain words as a container, endings included."""

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and plain(word)
