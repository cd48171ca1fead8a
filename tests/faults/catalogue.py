"""Every fault of machine, disk, clock and network that node, hub and gateway must survive.

Beside each stand the tests that show it, wherever they live: what belongs to one module stands with
it, what befalls whole programs stands here. `test_catalogue` sees to it that each is there.
"""

from collections.abc import Mapping

_EVERY_WRITE = "tests/faults/test_killed_at_every_write.py::"
_READ_ONLY = "tests/faults/test_read_only_disk.py::"
_FULL = "tests/federation/test_full_disk.py::"
_CLOCKS = "tests/faults/test_clock_jumps.py::"
_TWO = "tests/faults/test_two_processes.py::"
_BUSY = "tests/faults/test_busy_database.py::"
_FLIPPED = "tests/faults/test_flipped_bits.py::"
_CHECKING = "tests/client/test_checking.py::"

FAULTS: Mapping[str, tuple[str, ...]] = {
    "a node is killed before any of its writes": (
        f"{_EVERY_WRITE}test_a_publish_killed_before_each_write_loses_and_repeats_nothing",
        "tests/node/test_killing.py::"
        "test_a_publish_killed_anywhere_leaves_one_history_with_every_record_once",
        "tests/node/test_killing.py::test_an_erasure_killed_anywhere_is_finished_at_the_next_start",
    ),
    "a hub is killed before any of its writes": (
        f"{_EVERY_WRITE}test_a_sync_killed_before_each_write_loses_nothing_and_takes_no_head_back",
        "tests/hub/test_sync_killed.py::test_a_sync_killed_anywhere_is_completed_by_the_next",
    ),
    "a gateway is killed between taking and noting": (
        "tests/hub/test_gateway_killed.py::"
        "test_killed_anywhere_it_loses_nothing_and_repeats_only_what_was_not_noted",
        "tests/hub/test_gateway_killed.py::"
        "test_what_was_on_its_way_when_it_was_erased_is_to_be_withdrawn",
    ),
    "whoever pushes and whoever takes it is killed": (
        "tests/federation/test_push_killed.py::"
        "test_killed_pushers_and_a_killed_hub_go_on_where_they_stopped",
    ),
    "power is lost while a node publishes": (
        "tests/client/test_power_cut.py::test_after_a_cut_anywhere_the_next_start_completes",
        "tests/client/test_power_cut.py::test_the_cut_model_loses_what_is_not_flushed",
    ),
    "power is lost while a hub visits": (
        "tests/hub/test_sync_cut.py::test_after_a_cut_anywhere_the_next_sync_completes",
    ),
    "power is lost while a hub takes what is pushed": (
        "tests/hub/test_push_cut.py::test_after_a_cut_anywhere_the_push_goes_on",
    ),
    "power is lost while a witness promises": (
        "tests/client/test_witness_cut.py::test_after_a_cut_anywhere_no_promise_is_forgotten",
    ),
    "a disk is full": (
        f"{_FULL}test_a_publish_that_ran_out_of_room_leaves_the_one_before_whole",
        f"{_FULL}test_a_database_that_may_not_grow_is_told_and_signs_nothing",
        f"{_FULL}test_a_round_without_room_is_no_round_without_a_verdict",
        f"{_FULL}test_the_hub_goes_on_serving_what_it_had",
        "tests/client/test_disk.py::test_a_failed_write_leaves_the_file_as_it_was",
    ),
    "a disk turns read-only": (
        f"{_READ_ONLY}test_a_node_signs_nothing_says_why_and_goes_on_later",
        f"{_READ_ONLY}test_a_hub_changes_nothing_and_says_why",
    ),
    "a clock jumps by a day": (
        f"{_CLOCKS}test_a_hub_whose_clock_jumps_there_and_back_gives_no_receipt_of_an_earlier_time",
        f"{_CLOCKS}test_a_node_whose_clock_jumps_there_and_back_publishes_everything_once",
        "tests/node/test_jobs.py::test_a_clock_set_back_puts_no_job_out_of_reach",
    ),
    "two processes work on one home": (
        f"{_TWO}test_publishes_at_once_sign_every_record_once",
        f"{_TWO}test_rounds_at_once_bring_and_cosign_everything_once",
        "tests/node/test_cli.py::test_two_servers_in_one_home_are_one_too_many",
        "tests/hub/test_commands_say.py::test_two_servers_of_one_home_are_one_too_many",
        "tests/client/test_head_store.py::test_of_many_who_sign_at_once_one_wins",
    ),
    "one home is copied and both go on": (
        "tests/federation/test_split_brain.py::test_two_copies_never_have_both_their_heads_cosigned",
    ),
    "a home is set back to an old copy": (
        "tests/federation/test_restoring_laws.py::"
        "test_whatever_befalls_node_and_hub_there_is_one_history",
    ),
    "a file is torn, truncated or gone": (
        f"{_CHECKING}test_a_file_that_is_torn_or_gone_is_mended",
        f"{_CHECKING}test_everything_gone_but_the_signed_head_is_had_from_copies",
        "tests/node/test_jobs.py::test_a_damaged_memory_is_an_empty_one",
    ),
    "a database is busy": (
        f"{_BUSY}test_a_publish_waits_for_the_databases_of_the_node",
        f"{_BUSY}test_a_round_waits_for_the_databases_of_the_hub",
        "tests/hub/test_rebuild.py::test_nobody_holds_the_index_while_it_is_rebuilt",
    ),
    "a database is damaged": (
        "tests/hub/test_rebuild.py::test_a_damaged_index_is_made_again",
        "tests/client/test_head_store.py::test_a_file_that_is_no_database_is_a_store_error",
        "tests/hub/test_commands_say.py::test_a_database_that_fails_is_no_traceback",
        "tests/faults/test_damaged_databases.py::test_a_changed_index_is_found_and_made_again",
        "tests/faults/test_damaged_databases.py::test_a_torn_database_is_told_with_what_to_do",
    ),
    "a bit flips at rest": (
        f"{_FLIPPED}test_a_flipped_bit_is_found_and_healed_from_the_other_side",
        f"{_FLIPPED}test_a_body_that_nobody_has_whole_is_asked_for_again_at_the_next_visits",
        f"{_FLIPPED}test_nothing_that_was_flipped_is_shown",
        f"{_FLIPPED}test_what_no_hub_has_is_told_and_makes_the_node_unwell",
        f"{_CHECKING}test_a_flipped_bit_anywhere_is_found_and_mended",
        f"{_CHECKING}test_a_copy_that_is_damaged_too_heals_nothing_wrongly",
    ),
    "the network between two hosts is cut": (
        "tests/faults/test_network_cut.py::"
        "test_what_is_published_while_the_network_is_cut_arrives_once_it_is_back",
        "tests/federation/test_push_isolated.py::"
        "test_a_unit_that_nothing_can_reach_pushes_out_of_its_namespace",
    ),
}
