"""The statements about photos and documents."""

from typing import Final

_ROW: Final = "b.id, b.school_id, b.sha256, b.size_bytes, b.held_bytes, b.media_type, b.status, b.data_key, b.device_id"

# How far each upload is; asked by name and size together.
HELD: Final = """
SELECT b.sha256, b.size_bytes, b.held_bytes, b.status FROM blobs AS b
WHERE b.district_id = %(district)s AND b.school_id = %(school)s AND b.status <> 'REFUSED'
  AND b.sha256 = ANY(%(names)s::text[])
"""
HOLD: Final = f"""
SELECT {_ROW} FROM blobs AS b
WHERE b.district_id = %(district)s AND b.school_id = %(school)s AND b.sha256 = %(sha256)s
  AND b.size_bytes = %(size)s AND b.status <> 'REFUSED'
FOR NO KEY UPDATE
"""  # noqa: S608  # names of columns
BEGIN: Final = """
INSERT INTO blobs (district_id, school_id, id, sha256, size_bytes, media_type, status, data_key, device_id,
                   uploaded_by, created_at, updated_at)
VALUES (%(district)s, %(school)s, %(id)s, %(sha256)s, %(size)s, %(media_type)s, 'UPLOADING', %(key)s, %(device)s,
        %(user)s, %(at)s, %(at)s)
ON CONFLICT DO NOTHING
"""
# All that a device began lately, whatever became of it.
BROUGHT: Final = """
SELECT coalesce(sum(b.size_bytes), 0)::bigint, min(b.created_at) FROM blobs AS b
WHERE b.district_id = %(district)s AND b.device_id = %(device)s AND b.created_at > %(since)s
"""
ADD: Final = """
INSERT INTO blob_pieces (district_id, school_id, blob_id, start_byte, byte_count, content, created_at)
VALUES (%(district)s, %(school)s, %(id)s, %(start)s, %(count)s, %(content)b, %(at)s)
"""
MOVE_ON: Final = """
UPDATE blobs SET held_bytes = %(held)s, updated_at = %(at)s WHERE district_id = %(district)s AND id = %(id)s
"""
COMPLETE: Final = """
UPDATE blobs SET status = 'COMPLETE', completed_at = %(at)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(id)s
"""
REFUSE: Final = """
UPDATE blobs SET status = 'REFUSED', updated_at = %(at)s WHERE district_id = %(district)s AND id = %(id)s
"""
WHOLE: Final = f"""
SELECT {_ROW} FROM blobs AS b
WHERE b.district_id = %(district)s AND b.school_id = %(school)s AND b.sha256 = %(sha256)s AND b.status = 'COMPLETE'
"""  # noqa: S608
# Of a school that these documents were taken from with their child: a record moves, its content stays where it is.
LEFT_BEHIND: Final = f"""
SELECT {_ROW} FROM removals AS r JOIN blobs AS b
  ON b.district_id = r.district_id AND b.school_id = r.stream_id
WHERE r.district_id = %(district)s AND r.kind = 'document' AND r.reason = 'moved'
  AND r.record_id = ANY(%(documents)s::uuid[]) AND b.sha256 = %(sha256)s AND b.status = 'COMPLETE'
ORDER BY b.id LIMIT 1
"""  # noqa: S608
NAMED_BY: Final = """
SELECT d.id, d.is_confidential FROM documents AS d
WHERE d.district_id = %(district)s AND d.sha256 = %(sha256)s AND d.deleted_at IS NULL ORDER BY d.id LIMIT 50
"""
PIECES: Final = """
SELECT p.start_byte, p.content FROM blob_pieces AS p
WHERE p.district_id = %(district)s AND p.blob_id = %(id)s AND p.start_byte > %(after)s AND p.start_byte < %(before)s
ORDER BY p.start_byte
"""
LISTED: Final = """
SELECT b.id, s.name, b.sha256, b.size_bytes, b.held_bytes, b.media_type, b.status, b.updated_at,
  EXISTS (SELECT FROM documents AS d WHERE d.district_id = b.district_id AND d.sha256 = b.sha256
          AND d.deleted_at IS NULL)
FROM blobs AS b JOIN schools AS s ON s.district_id = b.district_id AND s.id = b.school_id
WHERE b.district_id = %(district)s AND b.id > %(after)s ORDER BY b.id LIMIT %(most)s
"""
TO_VERIFY: Final = f"""
SELECT {_ROW} FROM blobs AS b
WHERE b.district_id = %(district)s AND b.status = 'COMPLETE' AND b.id > %(after)s ORDER BY b.id LIMIT 1
"""  # noqa: S608
OLD: Final = """
SELECT b.id, b.school_id, b.status, b.held_bytes FROM blobs AS b
WHERE b.district_id = %(district)s AND b.status <> 'COMPLETE' AND b.updated_at < %(before)s ORDER BY b.updated_at, b.id
"""
PURGE: Final = """
DELETE FROM blobs WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[]) AND status <> 'COMPLETE'
  AND updated_at < %(before)s
RETURNING id, school_id, status, held_bytes
"""
