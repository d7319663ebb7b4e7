;; Exact selection of the k nearest, shared by every scan.
;; A row is accepted if its distance is below $limit, which falls as the histogram of accepted distances fills. Rows come in
;; ascending order of ordinals, so a stable counting sort of what was accepted is exactly the order (distance, ordinal).

  (global $rows (mut i32) (i32.const 0))
  (global $query (mut i32) (i32.const 0))
  (global $rowBytes (mut i32) (i32.const 0))
  ;; Bit i: ordinal i may be returned. 0: all may.
  (global $mask (mut i32) (i32.const 0))
  (global $k (mut i32) (i32.const 0))
  (global $limit (mut i32) (i32.const 0))
  (global $histogram (mut i32) (i32.const 0))
  (global $candidates (mut i32) (i32.const 0))
  (global $capacity (mut i32) (i32.const 0))
  (global $count (mut i32) (i32.const 0))
  ;; Candidates with distance <= $limit.
  (global $within (mut i32) (i32.const 0))

  ;; Begins a scan. $limit: one more than the farthest distance wanted. $histogram: u32[$limit + 1], zeros.
  ;; $candidates: room for $capacity of 8 bytes, at least 2 x k.
  (func (export "start")
    (param $rows i32) (param $query i32) (param $rowBytes i32) (param $mask i32) (param $k i32)
    (param $limit i32) (param $histogram i32) (param $candidates i32) (param $capacity i32)
    (global.set $rows (local.get $rows))
    (global.set $query (local.get $query))
    (global.set $rowBytes (local.get $rowBytes))
    (global.set $mask (local.get $mask))
    (global.set $k (local.get $k))
    (global.set $limit (local.get $limit))
    (global.set $histogram (local.get $histogram))
    (global.set $candidates (local.get $candidates))
    (global.set $capacity (local.get $capacity))
    (global.set $count (i32.const 0))
    (global.set $within (i32.const 0)))

  ;; Address of a distance's count (u32).
  (func $bin (param $distance i32) (result i32)
    (i32.add (global.get $histogram) (i32.shl (local.get $distance) (i32.const 2))))

  ;; Address of a candidate: u32 ordinal, u32 distance.
  (func $candidate (param $i i32) (result i32)
    (i32.add (global.get $candidates) (i32.shl (local.get $i) (i32.const 3))))

  ;; Drops candidates beyond the limit; fewer than 2k are left.
  (func $compact
    (local $from i32) (local $to i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (global.get $count)))
        (if (i32.le_u (i32.load offset=4 (call $candidate (local.get $from))) (global.get $limit))
          (then
            (i64.store (call $candidate (local.get $to)) (i64.load (call $candidate (local.get $from))))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next)))
    (global.set $count (local.get $to)))

  ;; Keeps a row whose distance is below the limit, if the mask has it; returns the limit, lowered if it can be.
  (func $accept (param $distance i32) (param $ordinal i32) (result i32)
    (local $at i32) (local $nearer i32)
    (if (global.get $mask)
      (then
        (if (i32.eqz (i32.and (i32.const 1) (i32.shr_u
              (i32.load8_u (i32.add (global.get $mask) (i32.shr_u (local.get $ordinal) (i32.const 3))))
              (i32.and (local.get $ordinal) (i32.const 7)))))
          (then (return (global.get $limit))))))
    (if (i32.eq (global.get $count) (global.get $capacity)) (then (call $compact)))
    (local.set $at (call $candidate (global.get $count)))
    (i32.store (local.get $at) (local.get $ordinal))
    (i32.store offset=4 (local.get $at) (local.get $distance))
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.set $within (i32.add (global.get $within) (i32.const 1)))
    (local.set $at (call $bin (local.get $distance)))
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
    (loop $lower
      (local.set $nearer (i32.sub (global.get $within) (i32.load (call $bin (global.get $limit)))))
      (if (i32.ge_u (local.get $nearer) (global.get $k))
        (then
          (global.set $within (local.get $nearer))
          (global.set $limit (i32.sub (global.get $limit) (i32.const 1)))
          (br $lower))))
    (global.get $limit))

  ;; Ends a scan: a stable counting sort of the candidates into u32 ordinals and u16 distances; returns how many, at most k.
  (func (export "rank") (param $ordinals i32) (param $distances i32) (result i32)
    (local $i i32) (local $at i32) (local $sum i32) (local $slot i32)
    ;; Counts become the slot of the first candidate with that distance.
    (loop $slots
      (local.set $at (call $bin (local.get $i)))
      (local.set $slot (i32.add (local.get $sum) (i32.load (local.get $at))))
      (i32.store (local.get $at) (local.get $sum))
      (local.set $sum (local.get $slot))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $slots (i32.le_u (local.get $i) (global.get $limit))))
    (call $compact)
    (local.set $i (i32.const 0))
    (block $done
      (loop $place
        (br_if $done (i32.ge_u (local.get $i) (global.get $count)))
        (local.set $at (call $bin (i32.load offset=4 (call $candidate (local.get $i)))))
        (local.set $slot (i32.load (local.get $at)))
        (i32.store (local.get $at) (i32.add (local.get $slot) (i32.const 1)))
        (if (i32.lt_u (local.get $slot) (global.get $k))
          (then
            (i32.store
              (i32.add (local.get $ordinals) (i32.shl (local.get $slot) (i32.const 2)))
              (i32.load (call $candidate (local.get $i))))
            (i32.store16
              (i32.add (local.get $distances) (i32.shl (local.get $slot) (i32.const 1)))
              (i32.load offset=4 (call $candidate (local.get $i))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $place)))
    (select (global.get $count) (global.get $k) (i32.lt_u (global.get $count) (global.get $k))))
