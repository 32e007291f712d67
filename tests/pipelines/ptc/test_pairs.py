from pipelines.ptc import Pair, pair_by_number, pair_by_value


def test_flats_of_equal_time_are_pairs_in_whatever_order_they_were_taken():
    pairing = pair_by_value({1: 5.0, 2: 1.0, 3: 5.00390625, 4: 1.0})

    assert pairing.pairs == (Pair(first=2, second=4, value=1.0), Pair(first=1, second=3, value=5.001953125))
    assert pairing.single == ()


def test_a_third_flat_of_equal_time_is_left_over():
    pairing = pair_by_value({1: 2.0, 2: 2.0, 3: 2.0, 4: 3.0})

    assert pairing.pairs == (Pair(first=1, second=2, value=2.0),)
    assert pairing.single == (3, 4)


def test_times_that_differ_by_more_than_the_tolerance_are_no_pair():
    assert pair_by_value({1: 2.0, 2: 2.006}).pairs == ()
    assert len(pair_by_value({1: 2.0, 2: 2.006}, tolerance=0.01).pairs) == 1


def test_flats_can_be_paired_by_their_numbers():
    pairing = pair_by_number({3: 9.0, 1: 2.0, 2: 4.0})

    assert pairing.pairs == (Pair(first=1, second=2, value=3.0),)
    assert pairing.single == (3,)
