;; Scan by tables: the distance of a row is the sum of one entry per 4 bits of it, 16 rows looked up by one instruction.
;; In: blocks of 32 codes, interleaved: vector j of a block holds the j-th half byte (high half first) of codes 0 to 15 in its
;; bytes' low halves, and of codes 16 to 31 in their high halves. Tables of 16 bytes, one for each vector. Out: see select.wat.
;; Bytes hold the sum of eight entries, which are therefore at most 31; then they are widened to 16 bits.
;; Source: Andre et al., "Cache locality is not enough", VLDB 2015 (the layout is Faiss' "fast scan").
(module
  (import "env" "memory" (memory 1 65536))
  ;; include select.wat

  ;; Rows $from to $to; $from is a multiple of 64. The 64 bytes before the histogram are scratch.
  (func (export "scan") (param $from i32) (param $to i32)
    (local $at i32) (local $end i32) (local $table i32) (local $blockEnd i32) (local $limit i32) (local $lane i32) (local $distance i32)
    (local $v v128) (local $entries v128) (local $halves v128) (local $limits v128) (local $low v128) (local $high v128)
    ;; for part 0 3
    (local $sum{part} v128)
    ;; end
    (local.set $halves (i8x16.splat (i32.const 15)))
    (local.set $at (i32.add (global.get $rows) (i32.mul (local.get $from) (global.get $rowBytes))))
    (local.set $end (i32.add (global.get $rows)
      (i32.mul (i32.and (i32.add (local.get $to) (i32.const 31)) (i32.const -32)) (global.get $rowBytes))))
    (local.set $limit (global.get $limit))
    (block $done (loop $again
      (local.set $limits (i16x8.splat (local.get $limit)))
      (block $slow
        (loop $block
          (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
          (local.set $blockEnd (i32.add (local.get $at) (i32.shl (global.get $rowBytes) (i32.const 5))))
          (if (global.get $mask)
            (then (if (i32.eqz (i32.load (i32.add (global.get $mask) (i32.shr_u (local.get $from) (i32.const 3)))))
              (then
                (local.set $at (local.get $blockEnd))
                (local.set $from (i32.add (local.get $from) (i32.const 32)))
                (br $block)))))
          ;; for part 0 3
          (local.set $sum{part} (v128.const i64x2 0 0))
          ;; end
          (local.set $table (global.get $query))
          (loop $vectors
            ;; for turn 0 turns-1
            ;; for step 0 7
            (local.set $v (v128.load offset={(turn * 8 + step) * 16} (local.get $at)))
            (local.set $entries (v128.load offset={(turn * 8 + step) * 16} (local.get $table)))
            (local.set $low {step ? '(i8x16.add (local.get $low) ' : ''}({swizzle} (local.get $entries)
              (v128.and (local.get $v) (local.get $halves))){step ? ')' : ''})
            (local.set $high {step ? '(i8x16.add (local.get $high) ' : ''}({swizzle} (local.get $entries)
              (v128.and (i16x8.shr_u (local.get $v) (i32.const 4)) (local.get $halves))){step ? ')' : ''})
            ;; end
            (local.set $sum0 (i16x8.add (local.get $sum0) (i16x8.extend_low_i8x16_u (local.get $low))))
            (local.set $sum1 (i16x8.add (local.get $sum1) (i16x8.extend_high_i8x16_u (local.get $low))))
            (local.set $sum2 (i16x8.add (local.get $sum2) (i16x8.extend_low_i8x16_u (local.get $high))))
            (local.set $sum3 (i16x8.add (local.get $sum3) (i16x8.extend_high_i8x16_u (local.get $high))))
            ;; end
            (local.set $table (i32.add (local.get $table) (i32.const {turns * 128})))
            (local.set $at (i32.add (local.get $at) (i32.const {turns * 128})))
            (br_if $vectors (i32.lt_u (local.get $at) (local.get $blockEnd))))
          (br_if $slow (v128.any_true (i16x8.lt_s
            (i16x8.min_s
              (i16x8.min_s (local.get $sum0) (local.get $sum1))
              (i16x8.min_s (local.get $sum2) (local.get $sum3)))
            (local.get $limits))))
          (local.set $from (i32.add (local.get $from) (i32.const 32)))
          (br $block)))
      ;; Where a row may be accepted: the block's distances, one by one.
      (local.set $table (i32.sub (global.get $histogram) (i32.const 64)))
      ;; for part 0 3
      (v128.store offset={part * 16} (local.get $table) (local.get $sum{part}))
      ;; end
      (local.set $lane (i32.const 32))
      (loop $one
        (local.set $distance (i32.load16_u (local.get $table)))
        (if (i32.and (i32.lt_u (local.get $distance) (local.get $limit)) (i32.lt_u (local.get $from) (local.get $to)))
          (then (local.set $limit (call $accept (local.get $distance) (local.get $from)))))
        (local.set $table (i32.add (local.get $table) (i32.const 2)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br_if $one (local.tee $lane (i32.sub (local.get $lane) (i32.const 1)))))
      (br $again)))))
