import { testPoisonCorpus } from './poison-corpus.ts';

testPoisonCorpus(1);
