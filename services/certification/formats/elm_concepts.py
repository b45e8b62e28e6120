"""Entries of the European Union's controlled vocabularies as the European Learning Model writes them."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from babel import Locale, UnknownLocaleError

from shared.annex1.vocabulary import SNB, Concept

Node = dict[str, Any]
AUTHORITY: Final = "http://publications.europa.eu/resource/authority"
COUNTRIES: Final = f"{AUTHORITY}/country"
LANGUAGES: Final = f"{AUTHORITY}/language"
ESCO_SKILLS: Final = "http://data.europa.eu/esco/concept-scheme/skills"


class UnknownCodeError(ValueError):
    """A code has no entry in the vocabulary that the European Learning Model asks for; the message names it."""


def node(name: str, kind: str, /, **members: Any) -> Node:
    """A node as the Commission's tools write it: without empty members, one value bare and several in an array."""
    made: Node = {"id": name, "type": kind}
    for member, value in members.items():
        if isinstance(value, list | tuple) and len(value) == 1:
            made[member] = value[0]
        elif value or value is False:
            made[member] = value
    return made


def concept(uri: str, scheme: str, labels: Mapping[str, str] | None = None, notation: str = "") -> Node:
    """The concept at `uri`. The shapes look for its scheme, people for its label."""
    return node(
        uri,
        "Concept",
        inScheme={"id": scheme, "type": "ConceptScheme"},
        prefLabel=dict(labels or {}),
        notation=notation,
    )


def listed(known: Concept | None, scheme: str, labels: Mapping[str, str] | None = None) -> Node | None:
    """A concept of the vocabularies that all formats share, where the code was one of them; `labels` beside English."""
    return None if known is None else concept(known.uri, scheme, {**(labels or {}), "en": known.label})


def vocabulary_concept(scheme: str, entry: str, label: str) -> Node:
    """An entry of one of the schemes of the Europass family (`http://data.europa.eu/snb/...`), in English."""
    return concept(f"{SNB}{scheme}/{entry}", f"{SNB}{scheme}/25831c2", {"en": label})


def country(code: str, languages: Iterable[str] = ("en",)) -> Node:
    """The country of an ISO 3166-1 code of two letters.

    Raises:
        UnknownCodeError: there is no such country.
    """
    if code not in _COUNTRY_CODES:
        raise UnknownCodeError(f"'{code}' is no country of the European list")
    labels = {language: label for language in languages if (label := _labels(language)[0].get(code))}
    return concept(f"{COUNTRIES}/{_COUNTRY_CODES[code]}", COUNTRIES, labels)


def language(code: str, languages: Iterable[str] = ("en",)) -> Node:
    """The language of a BCP 47 tag; its region and script are not told apart.

    Raises:
        UnknownCodeError: there is no such language.
    """
    primary = code.split("-", maxsplit=1)[0].lower()
    entry = _LANGUAGE_CODES.get(primary, primary if primary in _LANGUAGE_CODES.values() else None)
    if entry is None:
        raise UnknownCodeError(f"'{code}' is no language of the European list")
    labels = {shown: label for shown in languages if (label := _labels(shown)[1].get(primary))}
    return concept(f"{LANGUAGES}/{entry.upper()}", LANGUAGES, labels)


@cache
def _labels(shown_in: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The names of countries and of languages in the language `shown_in`, as the Unicode consortium has them."""
    try:
        locale = Locale.parse(shown_in.split("-", maxsplit=1)[0])
    except (UnknownLocaleError, ValueError):
        return {}, {}
    return locale.territories, locale.languages


def _codes(packed: str) -> Mapping[str, str]:
    return MappingProxyType({entry[:2]: entry[2:] for entry in packed.split()})


# ISO 3166-1: two letters, then the three that the European list uses; Kosovo as the European list has it.
_COUNTRY_CODES: Final = _codes(
    "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE "
    "BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS "
    "BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN "
    "COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST "
    "EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF "
    "GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD "
    "HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM "
    "JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA "
    "LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD "
    "MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM "
    "NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG "
    "PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA "
    "SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD "
    "STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON "
    "TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR "
    "VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE "
    "XKXKX"
)
# ISO 639-1: two letters, then the three of ISO 639-2/T that the European list uses.
_LANGUAGE_CODES: Final = _codes(
    "aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bibis "
    "bmbam bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv cycym dadan dedeu "
    "dvdiv dzdzo eeewe elell eneng eoepo esspa etest eueus fafas ffful fifin fjfij fofao frfra fyfry "
    "gagle gdgla glglg gngrn guguj gvglv hahau heheb hihin hohmo hrhrv hthat huhun hyhye hzher iaina "
    "idind ieile igibo iiiii ikipk ioido isisl itita iuiku jajpn jvjav kakat kgkon kikik kjkua kkkaz "
    "klkal kmkhm knkan kokor krkau kskas kukur kvkom kwcor kykir lalat lbltz lglug lilim lnlin lolao "
    "ltlit lulub lvlav mgmlg mhmah mimri mkmkd mlmal mnmon mrmar msmsa mtmlt mymya nanau nbnob ndnde "
    "nenep ngndo nlnld nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs papan pipli plpol "
    "pspus ptpor quque rmroh rnrun roron rurus rwkin sasan scsrd sdsnd sesme sgsag shhbs sisin skslk "
    "slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun svswe swswa tatam tetel tgtgk ththa titir "
    "tktuk tltgl tntsn toton trtur tstso tttat twtwi tytah uguig ukukr ururd uzuzb veven vivie vovol "
    "wawln wowol xhxho yiyid yoyor zazha zhzho zuzul "
)
