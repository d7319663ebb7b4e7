;; The slow path of a range of {words}-word rows, where a row may be accepted: at most {turn} rows one by one.
;; It is reached by leaving the fast loop, which must hold no call: around one, engines keep nothing in registers.
      (local.set $stop (i32.add (local.get $row) (i32.const {turn * words * 8})))
      (if (i32.gt_u (local.get $stop) (local.get $end)) (then (local.set $stop (local.get $end))))
      (br_if $done (i32.ge_u (local.get $row) (local.get $stop)))
      (loop $one
        (local.set $distance (i32.wrap_i64
        ;; for word 1 words-1
          (i64.add
          ;; end
          ;; for word 0 words-1
          (i64.popcnt (i64.xor
            (i64.load offset={word * 8} (local.get $row))
            (i64.load offset={word * 8} (global.get $query)))){word ? ')' : ''}
            ;; end
          ))
        (if (i32.lt_u (local.get $distance) (local.get $limit))
          (then (local.set $limit (call $accept (local.get $distance)
            (i32.div_u (i32.sub (local.get $row) (global.get $rows)) (i32.const {words * 8}))))))
        (local.set $row (i32.add (local.get $row) (i32.const {words * 8})))
        (br_if $one (i32.lt_u (local.get $row) (local.get $stop))))
      (br $again)
