//! Words that must not be taken for names, and names that are words too: the lists behind [`anonymise`](super::anonymise).

use std::collections::HashSet;
use std::sync::LazyLock;

/// Titles before a name. Lower case, like every list here.
pub const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "sir",
    "dame",
    "cllr",
    "councillor",
    "prof",
    "professor",
    "rev",
    "pc",
    "dc",
    "ds",
    "dci",
    "sgt",
    "sergeant",
    "constable",
    "inspector",
];

/// Roles, relations and fillers that stand beside names in the boxes for people and name nobody.
const ROLES: &str = "\
    detective officer police social worker workers manager deputy head service services director team leader staff \
    member nurse doctor gp midwife teacher tutor assistant senior key lead duty agency night carer carers foster \
    mother father mum dad parent parents step stepfather stepmother brother sister sibling siblings uncle aunt \
    grandmother grandfather nan cousin partner neighbour friend child children baby twin twins boy girl person \
    people adult family maternal paternal birth adoptive registered responsible independent reviewing practice \
    practitioner support residential personal adviser advisor lado iro sw tm hos initials job title strategic \
    chief executive quality assurance consultant educational the of and at in on for with from to by near off a an \
    his her their none unknown known not no yes na nk tbc tba other others see above below as is was were are both \
    all also present absent witness witnesses date time who named unnamed monday tuesday wednesday thursday friday \
    saturday sunday";

/// Words of places and buildings that name none.
const PLACES: &str = "\
    school academy primary secondary junior infant infants nursery college sixth form high grammar special church \
    england ce rc catholic community centre center unit home homes house hospital ward road street lane close \
    avenue drive way court place crescent gardens grove terrace row hill park green square flat apartment floor \
    room bedroom kitchen garden building office council city county district borough town village north south east \
    west upper lower great little old new saint uk united kingdom bathroom playground car bus stop station shop \
    supermarket outside inside local area care placement fostering supported accommodation trust limited ltd group \
    provider ground first second third st young accident emergency department public online address pupil referral \
    education";

/// Names that are words of the language: taken for a name only with a capital letter.
const ALSO_WORDS: &str = "\
    will hope grace joy faith may june april august summer autumn dawn eve rose lily ivy daisy violet heather \
    holly jasmine olive poppy rosemary pearl ruby amber crystal jade coral sky star rain storm river brook wood \
    woods field fields forest ford marsh moss reed rice stone steel silver gold white black brown gray grey green \
    young old long short small little strong sharp smart wise good noble savage moody hardy swift quick rich poor \
    love lovely darling day week weeks noon winter frost snow hail king queen prince bishop pope abbot monk priest \
    church temple hall house hill mount lane street park parks banks bank bridge bridges gate gates wall mill \
    miller baker butcher cook carpenter smith fisher hunter archer farmer shepherd gardener porter clerk page \
    knight squire major judge law bill bills rob mark frank grant chase chance lance miles guy art earl duke rush \
    read pass hand hands foot head heart back side best west north east south cross case cases care fox wolf lamb \
    bull bird crane drake swan finch fish pike salmon berry cherry apple plum peach lemon sage basil ginger pepper \
    honey angel destiny harmony melody charity patience prudence constance mercy precious blessing promise genesis \
    journey justice liberty reason sun sunny happy merry bliss power powers price cost penny cash pound sue might \
    must said so an do he she my no on in is it or be me we us by to too ho ray bell bells book booth box bush \
    camp chips coal cotton dale fall farm fine flood flowers force free french english england welsh german hood \
    horn hurt keen key kind last lock lord low man moon more pain pool post ring rock root rule ship shore speed \
    spring square tanner thorn toy vale waters wells well yard staff child childs nurse home homes school lead \
    manager safe risk plan review report teams";

/// The lists as sets: each word of every passage is looked up.
static SETS: LazyLock<[HashSet<&str>; 3]> =
    LazyLock::new(|| [ROLES, PLACES, ALSO_WORDS].map(|list| list.split(' ').collect()));

/// Whether a word in a box for people names nobody, in lower case.
pub fn is_role(word: &str) -> bool {
    SETS[0].contains(word) || TITLES.contains(&word)
}

/// Whether a word in a box for places names none, in lower case.
pub fn is_place_word(word: &str) -> bool {
    SETS[1].contains(word) || SETS[0].contains(word)
}

/// Whether a name is a word of the language too, in lower case.
pub fn is_also_word(word: &str) -> bool {
    SETS[2].contains(word) || is_role(word) || SETS[1].contains(word)
}
