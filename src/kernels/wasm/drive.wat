;; Which rows a Hamming scan looks at: all of a range, or those that the mask leaves.
;; Needs $range1 to $range16, which scan rows of so many 64-bit words.

  (type $range (func (param $from i32) (param $to i32)))
  (table funcref (elem
  ;; for words 1 16
    $range{words}
    ;; end
    ))

  (func $range (param $from i32) (param $to i32)
    (call_indirect (type $range) (local.get $from) (local.get $to)
      (i32.sub (i32.shr_u (global.get $rowBytes) (i32.const 3)) (i32.const 1))))

  ;; The mask of 64 rows.
  (func $allowed (param $ordinal i32) (result i64)
    (i64.load (i32.add (global.get $mask) (i32.shr_u (local.get $ordinal) (i32.const 3)))))

  ;; Where this many of 64 rows are allowed, all are scanned: in large memories that costs less than two rows out of turn.
  (func $isDense (param $word i64) (result i32)
    (i64.ge_u (i64.popcnt (local.get $word)) (i64.const 2)))

  ;; Rows $from to $to; $from is a multiple of 64, and so is $to unless it is the end.
  (func (export "scan") (param $from i32) (param $to i32)
    (local $run i32) (local $word i64)
    (if (i32.eqz (global.get $mask))
      (then (call $range (local.get $from) (local.get $to)) (return)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (if (call $isDense (local.tee $word (call $allowed (local.get $from))))
          (then
            (local.set $run (local.get $from))
            (loop $longer
              (local.set $from (i32.add (local.get $from) (i32.const 64)))
              (if (i32.lt_u (local.get $from) (local.get $to))
                (then (br_if $longer (call $isDense (call $allowed (local.get $from)))))
                (else (local.set $from (local.get $to)))))
            (call $range (local.get $run) (local.get $from)))
          (else
            (block $empty
              (loop $bit
                (br_if $empty (i64.eqz (local.get $word)))
                (local.set $run (i32.add (local.get $from) (i32.wrap_i64 (i64.ctz (local.get $word)))))
                (call $range (local.get $run) (i32.add (local.get $run) (i32.const 1)))
                (local.set $word (i64.and (local.get $word) (i64.sub (local.get $word) (i64.const 1))))
                (br $bit)))
            (local.set $from (i32.add (local.get $from) (i32.const 64)))))
        (br $next))))
