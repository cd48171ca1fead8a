"""Every hostile or faulty input that a hub must survive, and what shows that ours does.

`DANGERS` has them all, in the order and by the numbers of the list that the design began from: A
transport, B sizes, C texts, D keys and signatures, E history, F meaning. Beside each stand the rows
of `cases` that play it to a hub over sockets, with healthy units around it, and the tests that show
what no single unit can play. `test_catalogue` sees to it that each of them is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_ADDRESSES = "tests/client/test_addresses.py::"
_ADDRESS = "tests/client/test_fetch_address.py::"
_FETCH = "tests/client/test_fetch.py::"
_JSON = "tests/protocol/test_strict_json.py::"
_NOTE = "tests/protocol/test_note.py::"
_ROOT = "tests/protocol/test_root_document.py::"
_ENROLLED = "tests/hostile/test_hostile_roots.py::"
_SPOOL = "tests/protocol/test_spool.py::"
_BELOW = "tests/hub/test_below.py::"
_ACTS = "tests/hostile/test_texts_that_act.py::"


@dataclass(frozen=True)
class Danger:
    """One input: what it is, the rows of `cases` that play it, other tests that show it."""

    what: str
    cases: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


def _of(what: str, *shown: str) -> Danger:
    tests = tuple(each for each in shown if "::" in each)
    return Danger(what, tuple(each for each in shown if "::" not in each), tests)


DANGERS: Mapping[int, Danger] = dict(
    enumerate(
        (
            # A. Address and transport
            _of(
                "an address inside: loopback, private, link-local, metadata of a cloud",
                f"{_ADDRESSES}test_private_addresses_need_a_permission",
                f"{_ADDRESSES}test_the_metadata_address_stays_closed_with_a_permission",
                f"{_ENROLLED}test_a_loopback_address_is_refused_unless_allowed",
            ),
            _of(
                "a name that changes its mind (DNS rebinding)",
                f"{_ADDRESS}test_a_name_that_changes_its_mind_is_judged_each_time",
                f"{_ADDRESS}test_a_name_that_leads_inside_is_refused",
            ),
            _of(
                "an address wrapped in another: mapped, 6to4, NAT64, multicast",
                f"{_ADDRESSES}test_a_private_address_is_private_however_it_is_wrapped",
                f"{_ADDRESSES}test_no_permission_opens_a_forbidden_address",
            ),
            _of("an odd port", f"{_ADDRESSES}test_a_listed_port_is_open_and_others_are_not"),
            _of("a redirect elsewhere", "redirect", "redirect inside", "bodies redirected"),
            _of("redirects without end", "redirect for ever"),
            _of(
                "a redirect that would carry our signature along",
                "redirect",
                "tests/hostile/test_hostile_nodes.py::test_nobody_is_sent_anywhere_else",
            ),
            _of("URLs of other kinds", f"{_ADDRESSES}test_any_other_spelling_is_refused"),
            _of("a connection and never a byte", "silent", f"{_FETCH}test_silence_defers"),
            _of("a byte now and then", "dripping", f"{_FETCH}test_headers_that_drip_time_out"),
            _of(
                "everybody slow at once",
                "tests/hub/test_schedule.py::test_no_healthy_visit_waits_for_one_that_hangs",
                "tests/hub/test_schedule.py::test_only_so_many_may_stand_aside",
            ),
            _of(
                "one host with thousands of names",
                "tests/hub/test_planner.py::test_one_host_gets_no_more_than_its_share",
            ),
            _of(
                "another length than was promised",
                "cut short",
                f"{_FETCH}test_an_answer_longer_than_it_says_never_passes_for_more",
            ),
            _of(
                "answers that are none: 204, 206, portals, an error with a good body",
                *("no content", "partial content", "page of a gateway", "server error"),
                "not for you",
            ),
            _of(
                "Retry-After of years, or of the past",
                *("asked to wait for years", "asked to have waited"),
                f"{_FETCH}test_retry_after_is_held_between_nothing_and_an_hour",
            ),
            _of(
                "bad TLS",
                f"{_ADDRESS}test_a_certificate_nobody_vouches_for_is_refused",
                f"{_ADDRESS}test_a_server_that_speaks_no_tls_is_refused",
            ),
            _of("good TLS to an attacker's copy", "a stranger in its name", "another origin"),
            _of("cookies, refreshes, preloads", "cookies and other advice"),
            # B. Size and compression
            _of("a bomb of gzip", "gzip bomb", f"{_FETCH}test_a_gzip_bomb_stops_at_the_limit"),
            _of("many files within limits", f"{_FETCH}test_a_visit_ends_when_its_bytes_are_spent"),
            _of(
                "codings nobody asked for",
                *("unasked coding", "coding of tomorrow", "gzip in gzip", "gzip of two members"),
            ),
            _of("a checkpoint of a gigabyte", "checkpoint too large", "checkpoint without end"),
            _of(
                "tiles of another length",
                "tests/protocol/test_tiles.py::test_tiles_of_another_length_are_refused",
            ),
            _of(
                "bundles of another shape",
                *("a length beyond the end", "bytes after a bundle", "an entry too few"),
                *("an empty leaf", "bundle absent"),
            ),
            _of("a leaf beyond a kilobyte", "leaf too long"),
            _of(
                "a line without end, or out of place",
                *("line too long", "bodies without end", "last line cut", "line of another block"),
            ),
            _of(
                "more leaves than a day allows",
                "tests/hub/test_misbehaviour.py::test_a_daily_number_ends_the_day",
            ),
            _of(
                "no room on our own disk",
                "tests/federation/test_full_disk.py::"
                "test_a_round_without_room_is_no_round_without_a_verdict",
            ),
            # C. JSON and text
            _of("names said twice", "names said twice"),
            _of("numbers that are none, or not ours", "numbers that are none"),
            _of("an integer of thousands of digits", "an integer of 5,000 digits"),
            _of(
                "nesting without end",
                "nested 100,000 deep",
                f"{_JSON}test_a_hostile_unclosed_string_costs_no_more_than_its_length",
            ),
            _of("strings, lists and objects beyond measure", "as much as a line holds"),
            _of("bytes that are no text", "text that is none", "another coding of text"),
            _of("names that act in other languages", "names that act elsewhere"),
            _of(
                "members nobody knows",
                *("members nobody knows", "no such status", "leaves that are none"),
            ),
            _of("the same said in other bytes", "bodies spelled anew"),
            _of("a schema, or a reference to one, from outside", "names that act elsewhere"),
            _of(
                "patterns that take for ever",
                "tests/hostile/test_schemas_cost_little.py::test_no_pattern_goes_back_over_its_text",
            ),
            _of(
                "lists whose members are compared with each other",
                "tests/hostile/test_schemas_cost_little.py::test_only_short_lists_are_compared",
            ),
            _of(
                "text that acts where it is shown: HTML, cells, SQL, terminals",
                *("text that would act", "text for a terminal"),
                f"{_ACTS}test_no_exit_lets_it_act",
                "tests/hub/test_spreadsheet.py::test_no_cell_of_a_csv_file_can_act",
                "tests/hub/test_portal.py::test_what_a_unit_writes_is_never_markup",
                "tests/protocol/test_errors.py::test_what_a_stranger_sent_stays_on_one_short_line",
            ),
            _of(
                "YAML that grows or builds objects",
                "tests/hostile/test_settings_files.py::test_a_settings_file_can_neither_grow_nor_act",
            ),
            # D. Checkpoints, signatures, keys
            _of(
                "no signature, strangers' alone, or thousands",
                *("unsigned", "signed by a stranger", "65 signatures"),
            ),
            _of("a bad line beside a good one", "a bad line by a good key"),
            _of(
                "keys of others, of other logs, of other times",
                *("a stranger in its name", "signed by the key of its other log"),
                *("key before its range", "another origin"),
            ),
            _of(
                "another kind of signature, none, a short one",
                *("a signature of another kind", "a signature of nothing"),
                *("a signature too short", "bit in the checkpoint"),
            ),
            _of(
                "a key that everybody has",
                "tests/hub/test_known_keys.py::test_a_unit_with_a_published_key_is_not_enrolled",
            ),
            _of(
                "root documents out of turn, or signed by too few",
                f"{_ROOT}test_root_vector",
                f"{_ENROLLED}test_a_wrong_root_document_is_not_enrolled",
            ),
            _of(
                "a root document from before",
                "tests/client/test_roots.py::test_of_what_is_stored_only_the_newest_is_asked_for_again",
                f"{_ROOT}test_a_second_document_is_no_first",
            ),
            _of(
                "a root that is never renewed: there is no expiry, age shows in heartbeats",
                "tests/hub/test_staleness.py::test_a_log_is_stale_after_its_rhythm",
            ),
            _of(
                "origins that only look right",
                *("origin in other letters", "origin with a blank behind"),
                *("origin of a look-alike", "another origin"),
            ),
            _of(
                "numbers and base64 in other spellings",
                *("size with a zero before", "size with a sign", "size in other digits"),
                *("size beyond all", "root of 31 bytes", "root in loose base64"),
            ),
            _of(
                "notes of another shape",
                *("lines of Windows", "no blank line", "text after the signatures"),
                "lines of extension",
            ),
            _of(
                "a thief with the log's key",
                "tests/federation/test_key_rotation.py::"
                "test_what_a_thief_of_the_log_key_signs_above_the_bound_is_refused",
                "tests/hub/test_accusing.py::"
                "test_a_head_above_the_end_is_kept_and_holds_nothing_up",
            ),
            _of(
                "forged notes that make us look for keys",
                "tests/hub/test_planner.py::"
                "test_root_documents_are_looked_for_daily_or_when_nobody_signed",
            ),
            # E. History
            _of("a smaller tree, or none", "an old checkpoint", "emptied", "checkpoint absent"),
            _of("two roots of one size", "fork at the same size", "fork at a smaller size"),
            _of("a larger tree of another history", "fork at a larger size"),
            _of(
                "two hubs that see two branches",
                f"{_BELOW}test_a_fork_between_two_ways_is_a_fork",
                "tests/hub/test_witnessing.py::"
                "test_two_histories_of_a_unit_are_proven_by_what_the_witness_shows",
            ),
            _of(
                "two of our own at work on one log",
                "tests/client/test_head_store.py::test_of_many_who_sign_at_once_one_wins",
                "tests/hub/test_home.py::test_two_do_not_hold_one_lock",
            ),
            _of(
                "a bit that fell over",
                *("bit in a new entry", "bit in an entry held already", "bit in a tile"),
                *("bit in the last body", "root of another tree"),
            ),
            _of(
                "a partial file that is gone",
                f"{_SPOOL}test_a_partial_that_is_gone_is_cut_from_the_full_one",
                "bundle absent",
            ),
            _of(
                "a good head for ever",
                "tests/hub/test_api.py::test_a_good_source_grows_stale_with_time_alone",
            ),
            _of(
                "a size out of reach",
                "size without leaves",
                f"{_SPOOL}test_a_claimed_size_is_not_walked_before_it_is_read",
            ),
            _of(
                "a limit that holds only for strangers, or only for friends",
                "tests/hostile/test_catalogue.py::test_every_limit_is_tried_warm_and_cold",
            ),
            _of(
                "hubs in a circle, or without end",
                f"{_BELOW}test_a_loop_that_comes_later_is_refused_and_nothing_goes_round",
                "tests/hub/test_levels.py::test_a_fourth_level_is_refused",
            ),
            # F. Meaning, disclosure, erasure
            _of(
                "records of others, or of another log",
                *("another unit's code", "two that disagree", "a service in the catalogue"),
            ),
            _of("a person in the open", "a person in the open"),
            _of("bodies withheld", "no public bodies"),
            _of(
                "the same again, and what cannot be",
                "the same record again",
                "tests/protocol/test_schema_checks.py::test_effective_minutes_beyond_are_refused",
            ),
            _of(
                "a suspended unit by another way",
                "tests/hub/test_standing.py::"
                "test_a_suspended_unit_disappears_on_every_way_and_comes_back_whole",
            ),
            _of(
                "names that are paths",
                "ids that are paths",
                "tests/hub/test_home.py::test_mirrors_lie_apart_by_hash",
                "tests/protocol/test_tiles.py::test_other_spellings_are_no_paths",
            ),
        ),
        start=1,
    )
)
