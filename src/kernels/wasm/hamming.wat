;; Hamming scan with exact top-k selection, for codes of 1 to 16 words of 64 bits.
;; In: rows in memory, one code after another; a query; scratch addresses chosen by loader.ts.
;; Out: ordinals and distances of the k nearest rows, ordered by (distance, ordinal).
;; Selection: a row is accepted if its distance is below $limit, which falls as the histogram of accepted
;; distances fills. Rows come in ascending order of ordinals, so a stable counting sort of what was accepted
;; is exactly the order wanted. i64.popcnt needs no SIMD and is the fastest popcount of WebAssembly on x64.
(module
  (memory (export "memory") 1)

  ;; State of one scan. $within counts the candidates with distance <= $limit.
  (global $histogram (mut i32) (i32.const 0))
  (global $candidates (mut i32) (i32.const 0))
  (global $capacity (mut i32) (i32.const 0))
  (global $count (mut i32) (i32.const 0))
  (global $within (mut i32) (i32.const 0))
  (global $limit (mut i32) (i32.const 0))
  (global $k (mut i32) (i32.const 0))

  ;; Address of a distance's count (u32).
  (func $bin (param $distance i32) (result i32)
    (i32.add (global.get $histogram) (i32.shl (local.get $distance) (i32.const 2))))

  ;; Address of a candidate: u32 ordinal, u32 distance.
  (func $candidate (param $i i32) (result i32)
    (i32.add (global.get $candidates) (i32.shl (local.get $i) (i32.const 3))))

  ;; Drops candidates beyond the limit; fewer than 2k are left.
  (func $compact
    (local $from i32) (local $to i32)
    (loop $next
      (if (i32.le_u (i32.load offset=4 (call $candidate (local.get $from))) (global.get $limit))
        (then
          (i64.store (call $candidate (local.get $to)) (i64.load (call $candidate (local.get $from))))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $from) (global.get $count))))
    (global.set $count (local.get $to)))

  ;; Keeps a row whose distance is below the limit; returns the limit, lowered if it can be.
  (func $accept (param $distance i32) (param $ordinal i32) (result i32)
    (local $at i32) (local $nearer i32)
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

  ;; Rows of 384 bits, four at a time; returns the first ordinal it left out (fewer than four remain).
  (func $scan384 (param $row i32) (param $query i32) (param $n i32) (result i32)
    (local $q0 i64) (local $q1 i64) (local $q2 i64) (local $q3 i64) (local $q4 i64) (local $q5 i64)
    (local $d0 i32) (local $d1 i32) (local $d2 i32) (local $d3 i32)
    (local $ordinal i32) (local $end i32) (local $limit i32)
    (local.set $q0 (i64.load offset=0 (local.get $query)))
    (local.set $q1 (i64.load offset=8 (local.get $query)))
    (local.set $q2 (i64.load offset=16 (local.get $query)))
    (local.set $q3 (i64.load offset=24 (local.get $query)))
    (local.set $q4 (i64.load offset=32 (local.get $query)))
    (local.set $q5 (i64.load offset=40 (local.get $query)))
    (local.set $end (i32.and (local.get $n) (i32.const -4)))
    (local.set $limit (global.get $limit))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $ordinal) (local.get $end)))
        ;; Loads in ascending order of addresses: the prefetcher follows.
        (local.set $d0 (i32.wrap_i64 (i64.add (i64.add (i64.add (i64.add (i64.add
          (i64.popcnt (i64.xor (i64.load offset=0 (local.get $row)) (local.get $q0)))
          (i64.popcnt (i64.xor (i64.load offset=8 (local.get $row)) (local.get $q1))))
          (i64.popcnt (i64.xor (i64.load offset=16 (local.get $row)) (local.get $q2))))
          (i64.popcnt (i64.xor (i64.load offset=24 (local.get $row)) (local.get $q3))))
          (i64.popcnt (i64.xor (i64.load offset=32 (local.get $row)) (local.get $q4))))
          (i64.popcnt (i64.xor (i64.load offset=40 (local.get $row)) (local.get $q5))))))
        (local.set $d1 (i32.wrap_i64 (i64.add (i64.add (i64.add (i64.add (i64.add
          (i64.popcnt (i64.xor (i64.load offset=48 (local.get $row)) (local.get $q0)))
          (i64.popcnt (i64.xor (i64.load offset=56 (local.get $row)) (local.get $q1))))
          (i64.popcnt (i64.xor (i64.load offset=64 (local.get $row)) (local.get $q2))))
          (i64.popcnt (i64.xor (i64.load offset=72 (local.get $row)) (local.get $q3))))
          (i64.popcnt (i64.xor (i64.load offset=80 (local.get $row)) (local.get $q4))))
          (i64.popcnt (i64.xor (i64.load offset=88 (local.get $row)) (local.get $q5))))))
        (local.set $d2 (i32.wrap_i64 (i64.add (i64.add (i64.add (i64.add (i64.add
          (i64.popcnt (i64.xor (i64.load offset=96 (local.get $row)) (local.get $q0)))
          (i64.popcnt (i64.xor (i64.load offset=104 (local.get $row)) (local.get $q1))))
          (i64.popcnt (i64.xor (i64.load offset=112 (local.get $row)) (local.get $q2))))
          (i64.popcnt (i64.xor (i64.load offset=120 (local.get $row)) (local.get $q3))))
          (i64.popcnt (i64.xor (i64.load offset=128 (local.get $row)) (local.get $q4))))
          (i64.popcnt (i64.xor (i64.load offset=136 (local.get $row)) (local.get $q5))))))
        (local.set $d3 (i32.wrap_i64 (i64.add (i64.add (i64.add (i64.add (i64.add
          (i64.popcnt (i64.xor (i64.load offset=144 (local.get $row)) (local.get $q0)))
          (i64.popcnt (i64.xor (i64.load offset=152 (local.get $row)) (local.get $q1))))
          (i64.popcnt (i64.xor (i64.load offset=160 (local.get $row)) (local.get $q2))))
          (i64.popcnt (i64.xor (i64.load offset=168 (local.get $row)) (local.get $q3))))
          (i64.popcnt (i64.xor (i64.load offset=176 (local.get $row)) (local.get $q4))))
          (i64.popcnt (i64.xor (i64.load offset=184 (local.get $row)) (local.get $q5))))))
        (if (i32.lt_u (local.get $d0) (local.get $limit))
          (then (local.set $limit (call $accept (local.get $d0) (local.get $ordinal)))))
        (if (i32.lt_u (local.get $d1) (local.get $limit))
          (then (local.set $limit (call $accept (local.get $d1) (i32.add (local.get $ordinal) (i32.const 1))))))
        (if (i32.lt_u (local.get $d2) (local.get $limit))
          (then (local.set $limit (call $accept (local.get $d2) (i32.add (local.get $ordinal) (i32.const 2))))))
        (if (i32.lt_u (local.get $d3) (local.get $limit))
          (then (local.set $limit (call $accept (local.get $d3) (i32.add (local.get $ordinal) (i32.const 3))))))
        (local.set $row (i32.add (local.get $row) (i32.const 192)))
        (local.set $ordinal (i32.add (local.get $ordinal) (i32.const 4)))
        (br $next)))
    (local.get $ordinal))

  ;; Rows of any width, from $ordinal on.
  (func $scanAny (param $row i32) (param $query i32) (param $rowBytes i32) (param $ordinal i32) (param $n i32)
    (local $distance i64) (local $word i32) (local $end i32) (local $limit i32)
    (local.set $limit (global.get $limit))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $ordinal) (local.get $n)))
        (local.set $distance (i64.const 0))
        (local.set $word (local.get $query))
        (local.set $end (i32.add (local.get $row) (local.get $rowBytes)))
        (loop $words
          (local.set $distance (i64.add (local.get $distance)
            (i64.popcnt (i64.xor (i64.load (local.get $row)) (i64.load (local.get $word))))))
          (local.set $word (i32.add (local.get $word) (i32.const 8)))
          (local.set $row (i32.add (local.get $row) (i32.const 8)))
          (br_if $words (i32.lt_u (local.get $row) (local.get $end))))
        (if (i32.lt_u (i32.wrap_i64 (local.get $distance)) (local.get $limit))
          (then (local.set $limit
            (call $accept (i32.wrap_i64 (local.get $distance)) (local.get $ordinal)))))
        (local.set $ordinal (i32.add (local.get $ordinal) (i32.const 1)))
        (br $next))))

  ;; Stable counting sort of the candidates into u32 ordinals and u16 distances; the first k are written.
  (func $rank (param $ordinals i32) (param $distances i32)
    (local $i i32) (local $at i32) (local $sum i32) (local $next i32)
    ;; Counts become the slot of the first candidate with that distance.
    (loop $slots
      (local.set $at (call $bin (local.get $i)))
      (local.set $next (i32.add (local.get $sum) (i32.load (local.get $at))))
      (i32.store (local.get $at) (local.get $sum))
      (local.set $sum (local.get $next))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $slots (i32.le_u (local.get $i) (global.get $limit))))
    (call $compact)
    (local.set $i (i32.const 0))
    (loop $place
      (local.set $at (call $bin (i32.load offset=4 (call $candidate (local.get $i)))))
      (local.set $next (i32.load (local.get $at)))
      (i32.store (local.get $at) (i32.add (local.get $next) (i32.const 1)))
      (if (i32.lt_u (local.get $next) (global.get $k))
        (then
          (i32.store
            (i32.add (local.get $ordinals) (i32.shl (local.get $next) (i32.const 2)))
            (i32.load (call $candidate (local.get $i))))
          (i32.store16
            (i32.add (local.get $distances) (i32.shl (local.get $next) (i32.const 1)))
            (i32.load offset=4 (call $candidate (local.get $i))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $place (i32.lt_u (local.get $i) (global.get $count)))))

  ;; 1 <= k <= n. $histogram: u32[bits + 2], zeroed by the caller. $capacity: room for candidates, at least 2k.
  (func (export "scan")
    (param $codes i32) (param $query i32) (param $rowBytes i32) (param $n i32) (param $k i32)
    (param $histogram i32) (param $candidates i32) (param $capacity i32)
    (param $ordinals i32) (param $distances i32)
    (local $ordinal i32)
    (global.set $histogram (local.get $histogram))
    (global.set $candidates (local.get $candidates))
    (global.set $capacity (local.get $capacity))
    (global.set $count (i32.const 0))
    (global.set $within (i32.const 0))
    (global.set $limit (i32.add (i32.shl (local.get $rowBytes) (i32.const 3)) (i32.const 1)))
    (global.set $k (local.get $k))
    (if (i32.eq (local.get $rowBytes) (i32.const 48))
      (then (local.set $ordinal
        (call $scan384 (local.get $codes) (local.get $query) (local.get $n)))))
    (call $scanAny
      (i32.add (local.get $codes) (i32.mul (local.get $ordinal) (local.get $rowBytes)))
      (local.get $query) (local.get $rowBytes) (local.get $ordinal) (local.get $n))
    (call $rank (local.get $ordinals) (local.get $distances))))
