;; Hamming scan by 64-bit popcounts: no SIMD needed, and the fastest of WebAssembly on x64, where a popcount is one instruction.
;; In: rows of 1 to 16 words of 64 bits, one after another. Out: see select.wat.
;; The fast loop takes about 48 words a turn. Its loads ascend, which prefetchers follow, and it only asks whether a
;; row may be accepted; if one may, the slow path goes over that turn's rows again.
(module
  (import "env" "memory" (memory 1 65536))
  ;; include select.wat
  ;; for words 1 16
  ;; let turn = Math.max(4, Math.min(16, Math.floor(48 / words)))
  (func $range{words} (param $from i32) (param $to i32)
    (local $row i32) (local $end i32) (local $fastEnd i32) (local $stop i32) (local $limit i32) (local $distance i32)
    ;; for word 0 words-1
    (local $q{word} i64)
    ;; end
    ;; for word 0 words-1
    (local.set $q{word} (i64.load offset={word * 8} (global.get $query)))
    ;; end
    (local.set $row (i32.add (global.get $rows) (i32.mul (local.get $from) (i32.const {words * 8}))))
    (local.set $end (i32.add (global.get $rows) (i32.mul (local.get $to) (i32.const {words * 8}))))
    (local.set $fastEnd (i32.sub (local.get $end) (i32.const {turn * words * 8})))
    (local.set $limit (global.get $limit))
    (block $done (loop $again
      (block $slow
        (loop $fast
          (br_if $slow (i32.gt_u (local.get $row) (local.get $fastEnd)))
          ;; for row 0 turn-1
          (br_if $slow (i32.lt_u (i32.wrap_i64
          ;; for word 1 words-1
            (i64.add
            ;; end
            ;; for word 0 words-1
            (i64.popcnt (i64.xor (i64.load offset={(row * words + word) * 8} (local.get $row)) (local.get $q{word}))){word ? ')' : ''}
            ;; end
            ) (local.get $limit)))
          ;; end
          (local.set $row (i32.add (local.get $row) (i32.const {turn * words * 8})))
          (br $fast)))
      ;; include rows.wat
      )))
  ;; end
  ;; include drive.wat
  )
