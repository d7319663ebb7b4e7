import { testCache } from './idb-cache.suite';

testCache();
