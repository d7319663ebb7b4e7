;; Dot products of an int8 query, widened to 16 bits, and int8 rows.
;; In: rows of $rowBytes (a multiple of 16, the rest zeros), the query as i16. Out: i32 a row.
(module
  (import "env" "memory" (memory 1 65536))

  (func (export "dots")
    (param $rows i32) (param $rowBytes i32) (param $query i32) (param $ordinals i32) (param $m i32) (param $out i32)
    (local $at i32) (local $row i32) (local $end i32) (local $v v128) (local $low v128) (local $high v128)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $m)))
        (local.set $row (i32.add (local.get $rows) (i32.mul (i32.load (local.get $ordinals)) (local.get $rowBytes))))
        (local.set $end (i32.add (local.get $row) (local.get $rowBytes)))
        (local.set $at (local.get $query))
        (local.set $low (v128.const i64x2 0 0))
        (local.set $high (v128.const i64x2 0 0))
        (loop $more
          (local.set $v (v128.load (local.get $row)))
          (local.set $low (i32x4.add (local.get $low)
            (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $v)) (v128.load (local.get $at)))))
          (local.set $high (i32x4.add (local.get $high)
            (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $v)) (v128.load offset=16 (local.get $at)))))
          (local.set $at (i32.add (local.get $at) (i32.const 32)))
          (br_if $more (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 16))) (local.get $end))))
        (local.set $low (i32x4.add (local.get $low) (local.get $high)))
        (i32.store (local.get $out) (i32.add
          (i32.add (i32x4.extract_lane 0 (local.get $low)) (i32x4.extract_lane 1 (local.get $low)))
          (i32.add (i32x4.extract_lane 2 (local.get $low)) (i32x4.extract_lane 3 (local.get $low)))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (local.set $ordinals (i32.add (local.get $ordinals) (i32.const 4)))
        (local.set $m (i32.sub (local.get $m) (i32.const 1)))
        (br $next)))))
