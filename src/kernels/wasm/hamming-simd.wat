;; Hamming scan by SIMD popcounts over the same rows as hamming.wat: for ARM, where a popcount of 16 bytes is one instruction
;; and a 64-bit one takes a detour through vector registers.
;; The fast loop takes four rows a turn: bytes are counted, summed to 32 bits, and transposed, so that one comparison serves four.
(module
  (import "env" "memory" (memory 1 65536))
  ;; include select.wat
  ;; for words 1 16
  ;; let turn = 4
  ;; let vectors = Math.ceil(words / 2)
  (func $range{words} (param $from i32) (param $to i32)
    (local $row i32) (local $end i32) (local $fastEnd i32) (local $stop i32) (local $limit i32) (local $distance i32)
    (local $limits v128) (local $ones v128) (local $r0 v128) (local $r1 v128) (local $r2 v128) (local $r3 v128)
    ;; for vector 0 vectors-1
    (local $q{vector} v128)
    ;; end
    ;; for vector 0 vectors-1
    (local.set $q{vector} (v128.load{2 * vector + 1 < words ? '' : '64_zero'} offset={vector * 16} (global.get $query)))
    ;; end
    (local.set $ones (i16x8.splat (i32.const 1)))
    (local.set $row (i32.add (global.get $rows) (i32.mul (local.get $from) (i32.const {words * 8}))))
    (local.set $end (i32.add (global.get $rows) (i32.mul (local.get $to) (i32.const {words * 8}))))
    (local.set $fastEnd (i32.sub (local.get $end) (i32.const {turn * words * 8})))
    (local.set $limit (global.get $limit))
    (block $done (loop $again
      (local.set $limits (i32x4.splat (local.get $limit)))
      (block $slow
        (loop $fast
          (br_if $slow (i32.gt_u (local.get $row) (local.get $fastEnd)))
          ;; for row 0 3
          (local.set $r{row} (i32x4.dot_i16x8_s (local.get $ones) (i16x8.extadd_pairwise_i8x16_u
          ;; for vector 1 vectors-1
            (i8x16.add
            ;; end
            ;; for vector 0 vectors-1
            (i8x16.popcnt (v128.xor (v128.load{2 * vector + 1 < words ? '' : '64_zero'} offset={row * words * 8 + vector * 16} (local.get $row)) (local.get $q{vector}))){vector ? ')' : ''}
            ;; end
            )))
          ;; end
          ;; for row 0 2 2
          (local.set $r{row} (i32x4.add
            (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $r{row}) (local.get $r{row + 1}))
            (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $r{row}) (local.get $r{row + 1}))))
          ;; end
          (br_if $slow (v128.any_true (i32x4.lt_s
            (i32x4.add
              (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $r0) (local.get $r2))
              (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $r0) (local.get $r2)))
            (local.get $limits))))
          (local.set $row (i32.add (local.get $row) (i32.const {turn * words * 8})))
          (br $fast)))
      ;; include rows.wat
      )))
  ;; end
  ;; include drive.wat
  )
