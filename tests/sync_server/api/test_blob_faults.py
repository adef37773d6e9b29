"""A piece whose commit went unanswered is there once, the last one included, and the server knows it."""

import pytest
from tests.cutting_proxy import Cut, through_proxy
from tests.pictures import picture
from tests.sync_server.house import House

from wc_contract.model.blobs import hash_of
from wc_contract.wire.blobs import BlobNamed
from wc_sync_server.auth.piece_cipher import AesPieces
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.repositories.blobs import PostgresBlobs
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.domain.blobs import Bringer, Piece

pytestmark = [pytest.mark.postgres, pytest.mark.logs_warnings]


@pytest.mark.parametrize("where", Cut)
def test_a_piece_whose_commit_went_unanswered_is_there_once(house: House, where: Cut) -> None:
    parts, content = house.parts, picture(200_000, seed=40 + list(Cut).index(where))
    bringer = Bringer(district=house.district, school=house.north, user=house.nurses["ann"].id, role="NURSE")
    name = hash_of(content)
    with through_proxy(house.dsns.app) as (dsn, proxy):
        pool = connect_pool(dsn, size=1, sealer=parts.cipher, signer=parts.contexts)
        cells = Cells(pool, {HOME: dsn}, size=1)
        blobs = PostgresBlobs(
            cells, Epochs(cells, parts.clock), parts.chance, AesPieces(parts.chance), most=10**8, daily=10**9
        )
        for offset in (0, 100_000):
            proxy.cut_next_commits(where)
            piece = Piece(sha256=name, size=200_000, offset=offset, content=content[offset : offset + 100_000])
            assert blobs.take(bringer, piece).held == offset + 100_000
            assert proxy.cuts_left == 0
        (held,) = blobs.held(bringer, [BlobNamed(sha256=name, size=200_000)])
        assert held.complete
        pool.close()
    pieces = "SELECT count(*) FROM blob_pieces p JOIN blobs b ON b.id = p.blob_id WHERE b.sha256 = %s"
    assert house.one(pieces, name) == 2
    uploads = "SELECT count(*) FROM audit_logs a JOIN blobs b ON b.id::text = a.entity_id WHERE b.sha256 = %s"
    assert house.one(uploads, name) == 1
